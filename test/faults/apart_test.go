package faults

import (
	"net/http"
	"testing"
	"time"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/natstest"
)

// TestNodeStartsWhileAnotherIsApart: a node starts while another one has no connection to
// NATS. What is said on the other one meanwhile comes to the new node's devices, once the
// two can hear each other.
func TestNodeStartsWhileAnotherIsApart(t *testing.T) {
	t.Parallel()
	_, o := ownPostgres(t)
	bus := natstest.Run(t)
	wire := newLink(t, bus.URL())
	apart := start(t, o, "--nats", wire.dsn)
	c := &crowd{history: newHistory(), http: &http.Client{Timeout: patience}, nodes: newNodes(apart)}
	t.Cleanup(c.http.CloseIdleConnections)
	ann, bob := c.single(t, "ann", apart), c.single(t, "bob", apart)
	talk := ann.dial(t.Context(), apart.url)
	if talk == nil {
		t.Fatal("ann cannot connect")
	}

	wire.tear()
	eventually(t, "the node notices that it is apart", func() bool {
		return apart.status("/readyz") == http.StatusServiceUnavailable
	})
	other := start(t, o, "--nats", bus.URL())
	if conn := bob.dial(t.Context(), other.url); conn == nil || !bob.catchUp(t.Context(), conn) {
		t.Fatal("bob cannot connect")
	}
	id := cipher.NewLocalID()
	if !ann.emit(talk, "chat/sendMessage", id, "hello", fields{"room": fields{"roomID": ann.user + "-" + bob.user}}) {
		t.Fatal("ann cannot send")
	}
	eventually(t, "ann gets the echo", func() bool { return ann.has(id) })

	wire.join()
	eventually(t, "the nodes hear each other", func() bool { return apart.status("/readyz") == http.StatusOK })
	deadline := time.Now().Add(settling)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for ; !bob.has(id); <-poll.C {
		if time.Now().After(deadline) {
			t.Fatal("bob, who was connected all the time, never gets the message")
		}
	}
}

func (d *device) has(localID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.known[localID]
	return ok
}
