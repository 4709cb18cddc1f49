package live

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestOldMessageChanges: a change of an old message, in a room of which the node does not know
// where it stands, does not have the room's history read and sent.
func TestOldMessageChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		theirs := b.connect(t, ana)
		for _, id := range ids(1, 5) {
			a.tells(c.db.append(bo, id))
			time.Sleep(time.Minute)
		}
		theirs.forget()
		b.rooms(testRoom)
		a.tells(c.db.edit("m1"))
		theirs.gets(t, "the change", "edit m1")
		a.tells(c.db.append(bo, "m6"))
		theirs.gets(t, "what is new", "m6")
	})
}

// TestLookBackBreaksOff: where the look for what came shortly before breaks off, what is left of it is
// as old as before, and not sent as new to those who came after it.
func TestLookBackBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		there := b.connect(t, ana)
		for _, id := range ids(1, 5) {
			a.tells(c.db.append(ana, id))
			time.Sleep(time.Second)
		}
		there.gets(t, "who was there", ids(1, 5)...)
		time.Sleep(3*time.Second + frontierInterval/5) // nothing else reads now
		late := b.connect(t, bo)
		b.rooms(testRoom)  // as after a restart
		c.db.failAfter(10) // in the midst of them
		a.tells(c.db.edit("m5"))
		reached := b.shard(testRoom).rooms[testRoom].seq
		if reached == 0 || reached == 5 {
			t.Fatalf("it broke off at message %d, want one in the midst", reached)
		}
		a.tells(c.db.append(ana, "m6"))
		time.Sleep(2 * time.Second)
		if got := late.messages(); !slices.Equal(got, []string{"m6", "edit m5"}) {
			t.Errorf("who came later was sent %q, want what is new", got)
		}
	})
}

// TestOvertakenAndNotRead: a message that was overtaken by a first one is not lost where the look
// for it failed at first, whether it arrives before that is tried again or not at all.
func TestOvertakenAndNotRead(t *testing.T) {
	for name, order := range map[string][]int{"it arrives": {1, 0}, "it does not": {1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t, 2, ana, bo)
				a, b := c.nodes[0], c.nodes[1]
				a.tells(c.db.append(bo, "m1"))
				time.Sleep(time.Minute + frontierInterval/5) // nothing else reads now
				theirs := b.connect(t, ana)
				b.rooms(testRoom) // as after a restart
				b.hold()
				a.tells(c.db.append(bo, "m2"))
				a.tells(c.db.append(bo, "m3"))
				c.db.fail(errAway)
				b.release(order...)
				time.Sleep(2 * time.Second)
				theirs.gets(t, "the other node", "m2", "m3")
			})
		})
	}
}

// TestOvertakenInFullQueue: nor where neither of the two has found a place in the queue.
func TestOvertakenInFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		a.tells(c.db.append(bo, "m1"))
		time.Sleep(time.Minute)
		theirs := b.connect(t, ana)
		b.rooms(testRoom) // as after a restart
		b.hold()
		a.tells(c.db.append(bo, "m2"))
		a.tells(c.db.append(bo, "m3"))
		b.fill(c.db)
		b.release(1, 0)
		if b.Dropped() != 2 {
			t.Errorf("%d events found no place, want the two messages", b.Dropped())
		}
		c.db.slowed(0)
		time.Sleep(10 * time.Second)
		if got := theirs.messages(); !slices.Equal(got, []string{"m2", "m3"}) {
			t.Errorf("the other node sent %q, want both messages", got)
		}
	})
}
