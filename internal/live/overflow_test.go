package live

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// TestOverflow: when more comes than may wait, all messages are told nevertheless, and
// sessions end that would miss something else.
func TestOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		d := n.connect(t, ana)
		n.tells(c.db.append(bo, "m1"))
		time.Sleep(2 * time.Second)
		c.db.slowed(time.Second)
		first := c.db.append(bo, "m2")
		n.tells(first) // its worker waits for the database
		for range maxWaiting {
			n.Publish(&chat.Typing{Place: first.Place, User: ana, Started: true})
		}
		n.tells(c.db.append(bo, "m3"), c.db.append(bo, "m4"))
		if n.Dropped() != 2 {
			t.Errorf("%d events found no place, want the two messages", n.Dropped())
		}
		c.db.slowed(0)
		time.Sleep(10 * time.Second)
		if got := d.messages(); !slices.Equal(got, ids(1, 4)) || d.ended() != 0 {
			t.Errorf("ana was sent %q and closed with %d, want all messages and no end", got, d.ended())
		}
	})
}

// TestOverflowNotRead: the frontier does not pass a message that found no place, while it cannot be
// read.
func TestOverflowNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		d := n.connect(t, ana)
		n.tells(c.db.append(bo, "m1"))
		time.Sleep(2 * time.Second)
		n.fill(c.db)
		dropped := c.db.append(bo, "m2")
		n.take(dropped, local)
		c.db.unreadable(errAway)
		c.db.slowed(0)
		time.Sleep(2 * time.Second)
		n.tells(c.db.edit("m1"))
		time.Sleep(5 * time.Second)
		if got := n.Hub().Frontier(); got > dropped.Number {
			t.Errorf("everything below %d counts as delivered, and m2 is %d", got, dropped.Number)
		}
		c.db.unreadable(nil)
		time.Sleep(2 * time.Second)
		if got := d.messages(); !slices.Equal(got, []string{"m1", "m2", "edit m1"}) {
			t.Errorf("ana was sent %q, want all", got)
		}
		if got := n.Hub().Frontier(); got <= dropped.Number {
			t.Errorf("m2 was delivered, and only what is below %d counts as that", got)
		}
		c.db.unreadable(errAway)
		n.fill(c.db)
		n.take(c.db.append(bo, "m3"), local)
		c.db.slowed(0)
		time.Sleep(2 * time.Minute)
		if d.ended() != hub.StopOverload {
			t.Errorf("after two minutes the session was closed with %d, want %d: its device is to ask",
				d.ended(), hub.StopOverload)
		}
	})
}

// TestOverflowTwice: what finds no place while an earlier message is read in vain is not forgotten.
func TestOverflowTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		d := n.connect(t, ana)
		n.tells(c.db.append(bo, "m1"))
		time.Sleep(2 * time.Second)
		n.fill(c.db)
		n.take(c.db.append(bo, "m2"), local)
		c.db.unreadable(errAway)
		time.Sleep(1500 * time.Millisecond) // its worker reads m2
		n.flood()
		dropped := n.Dropped()
		n.take(c.db.edit("m1"), local)
		if n.Dropped() != dropped+1 {
			t.Error("the edit has found a place")
		}
		time.Sleep(time.Second) // and has not found it
		c.db.slowed(0)
		c.db.unreadable(nil)
		time.Sleep(10 * time.Second)
		if d.ended() != hub.StopOverload {
			t.Errorf("the session was closed with %d, want %d: its device has missed an edit", d.ended(), hub.StopOverload)
		}
	})
}

// TestBackAfterOverflow: a session that comes after others were ended for an event without a place
// begins behind that event.
func TestBackAfterOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		d := n.connect(t, ana)
		n.tells(c.db.append(bo, "m1"))
		n.fill(c.db)
		dropped := c.db.edit("m1")
		n.take(dropped, local)
		c.db.slowed(0)
		time.Sleep(5 * time.Second)
		if d.ended() != hub.StopOverload {
			t.Errorf("the session was closed with %d, want %d", d.ended(), hub.StopOverload)
		}
		d.leave()
		if began := n.connect(t, ana).session.Began(); began <= dropped.Number {
			t.Errorf("who came back has all from %d on, and %d was not delivered", began, dropped.Number)
		}
	})
}

// fill fills the queue of the room's shard while its worker waits for the database, which is slow
// from now on.
func (n *testNode) fill(db *database) {
	n.Hub().ForgetAll()
	db.slowed(time.Second)
	n.take(typing, local)
	synctest.Wait()
	n.flood()
}

// flood fills the queue of the room's shard.
func (n *testNode) flood() {
	for range maxWaiting {
		n.take(typing, local)
	}
}

var typing = &chat.Typing{Place: chat.Place{App: testApp, Room: testRoom}, User: ana, Started: true}
