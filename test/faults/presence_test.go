package faults

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"parlor/client"
)

// goneWithin is how long a dead node's users may count as online: 20 s and a beat, by
// docs/protocol.md, and time for a busy machine.
const goneWithin = 35 * time.Second

// TestPresenceOutlivesNodes: the users of a node that dies count as offline after a while,
// except those who have moved to another node. They are online again once they connect.
func TestPresenceOutlivesNodes(t *testing.T) {
	t.Parallel()
	cl := newCluster(t, 2)
	dying, other := cl.nodes[0], cl.nodes[1]
	c := &crowd{history: newHistory(), http: &http.Client{Timeout: patience}, nodes: cl.where}
	t.Cleanup(c.http.CloseIdleConnections)
	people := map[string]*device{}
	for _, xc := range []string{"ann", "bob", "cat"} {
		people[xc] = c.single(t, xc, other)
	}
	for _, partner := range []string{"ann", "cat"} { // users who have written to each other see each other's presence
		if _, err := other.backend.Send(t.Context(), client.BackendMessage{
			SenderXCID: partner, RecipientXCID: "bob", Text: "hello",
		}); err != nil {
			t.Fatal(err)
		}
	}
	connect := func(xc string, p *parlor) {
		t.Helper()
		if people[xc].dial(t.Context(), p.url) == nil {
			t.Fatalf("%s cannot connect", xc)
		}
	}
	seen := people["bob"]
	connect("bob", other)
	connect("ann", dying)
	connect("cat", dying)
	for range 2 {
		if s := seen.next(t, patience); !s.IsOnline {
			t.Fatalf("%s goes, who has just come", s.User.XCUserID)
		}
	}

	dying.Kill()
	killed := time.Now()
	connect("cat", other) // at once
	for {
		s := seen.next(t, goneWithin)
		if s.User.XCUserID == "cat" && s.IsOnline {
			continue // she has come to this node
		}
		if s.User.XCUserID != "ann" || s.IsOnline {
			t.Fatalf("%s is shown as online: %t", s.User.XCUserID, s.IsOnline)
		}
		break
	}
	took := time.Since(killed)
	t.Logf("ann was shown as offline %s after her node died", took.Round(time.Millisecond))
	if took > goneWithin {
		t.Errorf("ann was shown as offline after %s", took)
	}
	for xc, want := range map[string]bool{"ann": false, "cat": true} {
		if u, err := seen.at(t, other).UserByXCID(t.Context(), xc); err != nil || u.Online != want {
			t.Errorf("%s shows as online %t, %v", xc, u.Online, err)
		}
	}
	connect("ann", other)
	if s := seen.next(t, patience); s.User.XCUserID != "ann" || !s.IsOnline {
		t.Errorf("%s is shown as online: %t", s.User.XCUserID, s.IsOnline)
	}
}

// status is what others are told of a user who comes or goes.
type status struct {
	User     struct{ XCUserID string }
	IsOnline bool
}

// next waits until somebody comes or goes.
func (d *device) next(t *testing.T, limit time.Duration) status {
	t.Helper()
	select {
	case s := <-d.statuses:
		return s
	case <-time.After(limit):
		t.Fatalf("nobody came or went within %s", limit)
		return status{}
	}
}

// single signs in a device that does nothing by itself.
func (c *crowd) single(t *testing.T, xc string, p *parlor) *device {
	t.Helper()
	d := &device{
		crowd: c, xc: xc, name: xc, rng: rand.New(rand.NewPCG(1, 1)),
		known: map[string]message{}, updated: map[string]int64{}, changed: make(chan struct{}),
		statuses: make(chan status, 100),
	}
	d.signIn(t, p)
	t.Cleanup(d.hangUp)
	return d
}
