package faults

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/powertalk/cipher"
)

// TestKilledServerKnowsDevices: a server that is killed cannot note how far the connected
// devices are. It did so before: what came long ago does not come again by catching up.
func TestKilledServerKnowsDevices(t *testing.T) {
	t.Parallel()
	o := sqliteIn(t.TempDir())
	p := start(t, o)
	c := &crowd{history: newHistory(), http: &http.Client{Timeout: patience}, nodes: newNodes(p)}
	t.Cleanup(c.http.CloseIdleConnections)
	ann, bob := c.single(t, "ann", p), c.single(t, "bob", p)
	talk := ann.dial(t.Context(), p.url)
	if conn := bob.dial(t.Context(), p.url); talk == nil || conn == nil || !bob.catchUp(t.Context(), conn) {
		t.Fatal("they cannot connect")
	}
	lastActivity := func() time.Time {
		u, err := ann.at(t, p).User(t.Context(), client.UserID(bob.user))
		if err != nil {
			t.Fatal(err)
		}
		return u.LastActivity.Time
	}
	before := lastActivity()
	id := cipher.NewLocalID()
	if !ann.emit(talk, "chat/sendMessage", id, "hello", fields{"room": fields{"roomID": ann.user + "-" + bob.user}}) {
		t.Fatal("ann cannot send")
	}
	eventually(t, "bob gets the message", func() bool { return bob.has(id) })
	for _, m := range bob.past(t, p, ann.user+"-"+bob.user) {
		id := client.MessageID(strconv.FormatInt(m.MessageID, 10))
		if _, err := bob.at(t, p).MarkDelivered(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	// At bob's next ping, which may be half a minute away.
	deadline := time.Now().Add(time.Minute)
	for poll := time.NewTicker(50 * time.Millisecond); !lastActivity().After(before); <-poll.C {
		if time.Now().After(deadline) {
			t.Fatal("the server does not note that bob is there")
		}
	}
	p.Kill()
	p = start(t, o)
	missed, err := bob.at(t, p).NewAndUpdated(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range missed {
		if m.LocalID == id {
			t.Error("the message comes once more")
		}
	}
}
