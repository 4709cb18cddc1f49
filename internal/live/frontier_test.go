package live

import (
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
)

// TestFrontierMovesOn: what is delivered while a barrier is on its way moves the frontier afterwards,
// also where nothing else follows.
func TestFrontierMovesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		n.connect(t, ana)
		c.db.slowed(10 * frontierInterval)
		n.tells(&chat.PreferenceChanged{ // of another shard
			Place: chat.Place{App: testApp, Room: testRoom + 1}, User: ana,
			Preference: chat.Preference{Kind: chat.PreferPinned},
		})
		c.db.slowed(0)
		time.Sleep(2 * frontierInterval) // the barrier waits for that one
		e := c.db.append(bo, "m1")
		n.tells(e)
		time.Sleep(20 * frontierInterval)
		if got := n.Hub().Frontier(); got <= e.Number {
			t.Errorf("m1 was delivered, and only what is below %d counts as that", got)
		}
	})
}

// TestStart: sessions of a node that has just started begin behind all that was committed before, also
// where a transaction still holds the horizon: nobody tells the node of it.
func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		c.db.begin()
		e := c.db.append(bo, "m1")
		later := c.start(t, false)
		if began := later.connect(t, ana).session.Began(); began <= e.Number {
			t.Errorf("the session has all from %d on, and %d was committed before", began, e.Number)
		}
		if got := later.Hub().Frontier(); got > e.Number {
			t.Errorf("everything below %d counts as delivered, and %d may follow", got, e.Number)
		}
	})
}
