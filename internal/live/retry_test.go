package live

import (
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
)

// TestRetriesTakeTheirTime: however much else happens, the database has a minute to come back.
func TestRetriesTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		d := n.connect(t, ana)
		n.tells(c.db.append(bo, "m1"))
		time.Sleep(2*time.Second + frontierInterval/5) // what is kept of users is too old; nothing else reads
		c.db.away(errAway)
		n.tells(c.db.append(bo, "m2"))
		for range 100 {
			n.tells(typing)
			time.Sleep(100 * time.Millisecond)
		}
		if d.ended() != 0 {
			t.Errorf("after ten seconds the session was closed with %d", d.ended())
		}
		c.db.away(nil)
		time.Sleep(2 * time.Second)
		d.gets(t, "when it is back", "m1", "m2")
	})
}

// TestEditWaitsForItsMessage: what is about a message that could not be delivered waits for it, also
// where it could be delivered itself.
func TestEditWaitsForItsMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		d := n.connect(t, ana)
		n.tells(c.db.append(bo, "m1"))
		time.Sleep(2*time.Second + frontierInterval/5) // what is kept of users is too old; nothing else reads
		c.db.fail(errAway)
		n.Committed([]chat.Event{c.db.append(bo, "m2"), c.db.edit("m2")})
		synctest.Wait()
		n.tells(c.db.edit("m2"))
		d.gets(t, "before it is tried again", "m1")
		time.Sleep(2 * time.Second)
		d.gets(t, "then", "m2", "edit m2", "edit m2")
	})
}
