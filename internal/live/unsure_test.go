package live

import (
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
)

// TestUnsure: of a commit that nobody is sure of is told what turns out to be there.
func TestUnsure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		ours, theirs := a.connect(t, ana), b.connect(t, ana)
		a.tells(c.db.append(bo, "m1"))
		stored := c.db.append(bo, "m2")
		a.Unsure([]chat.Event{stored})
		synctest.Wait()
		rolledBack := c.db.append(bo, "never")
		c.db.messages = c.db.messages[:2]
		a.Unsure([]chat.Event{rolledBack})
		synctest.Wait()
		ours.gets(t, "its node", "m1", "m2")
		theirs.gets(t, "the other node", "m1", "m2")
	})
}

// TestUnsureAndUnderWay: what the database commits only after it was asked is told nevertheless,
// however long that takes, and the frontier waits for it.
func TestUnsureAndUnderWay(t *testing.T) {
	for name, change := range map[string]func(*database) chat.Event{
		"m2":      func(db *database) chat.Event { return db.append(bo, "m2") },
		"edit m1": func(db *database) chat.Event { return db.edit("m1") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCluster(t, 2, ana, bo)
				a, b := c.nodes[0], c.nodes[1]
				ours, theirs := a.connect(t, ana), b.connect(t, ana)
				a.tells(c.db.append(bo, "m1"))
				time.Sleep(10 * time.Second)
				ours.forget()
				theirs.forget()
				c.db.begin()
				e := change(c.db)
				a.Unsure([]chat.Event{e})
				time.Sleep(5 * time.Minute)
				if len(ours.messages())+len(theirs.messages()) > 0 {
					t.Errorf("before the commit %q and %q were sent", ours.messages(), theirs.messages())
				}
				c.db.end()
				number := e.(chat.Recorded).OfChange().Number
				for _, n := range c.nodes {
					if got := n.Hub().Frontier(); got > number {
						t.Errorf("everything below %d counts as delivered, and change %d is not", got, number)
					}
				}
				time.Sleep(10 * time.Second)
				for what, d := range map[string]*phone{"its node": ours, "the other node": theirs} {
					if d.ended() != 0 {
						t.Errorf("%s: closed with %d", what, d.ended())
					}
					d.gets(t, what, name)
					if got := d.node.Hub().Frontier(); got <= number {
						t.Errorf("%s: all was delivered, and only what is below %d counts as that", what, got)
					}
				}
			})
		})
	}
}

// TestUnsureAndRolledBack: an unsure message whose number another one has got meanwhile does not count
// as a sign that the database has fallen back, though its clock was ahead.
func TestUnsureAndRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		n := c.nodes[0]
		d := n.connect(t, ana)
		n.tells(c.db.append(bo, "m1"))
		c.db.begin()
		e := c.db.append(bo, "never")
		e.Message.CreatedAt += time.Hour.Milliseconds()
		n.Unsure([]chat.Event{e})
		synctest.Wait()
		c.db.messages = c.db.messages[:1]
		n.tells(c.db.append(bo, "m2"))
		c.db.end()
		time.Sleep(5 * time.Second)
		d.gets(t, "all", "m1", "m2")
		if at := n.shard(testRoom).rooms[testRoom]; at.seq != 2 || at.createdAt >= e.Message.CreatedAt {
			t.Errorf("the room stands at %+v, want its last message", at)
		}
	})
}
