package live

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// TestOvertaking: a node that hears of messages in the wrong order tells of them in the
// right one, and of each once.
func TestOvertaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		ours, theirs := a.connect(t, ana), b.connect(t, ana)
		b.hold()
		for _, id := range ids(1, 4) {
			a.tells(c.db.append(bo, id))
		}
		b.release(0, 3, 2, 1)
		ours.gets(t, "where it was committed", ids(1, 4)...)
		theirs.gets(t, "the other node", ids(1, 4)...)
		b.tells(c.db.append(bo, "m5"))
		ours.gets(t, "the way back", "m5")
		theirs.gets(t, "the next", "m5")
	})
}

// TestFirstIsOvertaken: also of a room that a node had not heard of yet.
func TestFirstIsOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		a.tells(c.db.append(bo, "m1")) // nobody is there
		time.Sleep(time.Minute)
		theirs := b.connect(t, ana)
		b.rooms(testRoom) // as after a restart
		b.hold()
		a.tells(c.db.append(bo, "m2"))
		a.tells(c.db.append(bo, "m3"))
		b.release(1, 0)
		theirs.gets(t, "the other node", "m2", "m3")
	})
}

// rooms has a node forget where a room stands.
func (n *testNode) rooms(room chat.RoomID) { delete(n.shard(room).rooms, room) }

func (n *testNode) shard(room chat.RoomID) *shard { return n.shards[uint64(room)%shards] }

// TestEditOvertakes: an edit that is heard before its message is told after it.
func TestEditOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		theirs := b.connect(t, ana)
		a.tells(c.db.append(bo, "m1"))
		theirs.gets(t, "before", "m1")
		b.hold()
		a.tells(c.db.append(bo, "m2"))
		a.tells(c.db.edit("m2"))
		b.release(1, 0)
		theirs.gets(t, "the other node", "m2", "edit m2")
	})
}

// TestLost: what the bus has lost is told once the bus says so, to those who were there.
func TestLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		theirs := b.connect(t, ana)
		a.tells(c.db.append(bo, "m1"))
		b.lose()
		a.tells(c.db.append(bo, "m2"))
		a.tells(c.db.edit("m1"))
		theirs.forget()
		time.Sleep(5 * time.Second)
		late := b.connect(t, bo) // its device asks for what was before
		late.session.Skip(c.db.number)
		b.find()
		if got := theirs.messages(); !slices.Equal(got, []string{"m2", "edit m1"}) {
			t.Errorf("who was there was sent %q, want the message and the edit", got)
		}
		if slices.Contains(late.messages(), "m2") {
			t.Errorf("who came later was sent %q", late.messages())
		}
		theirs.forget()
		a.tells(c.db.append(bo, "m3"))
		theirs.gets(t, "after the loss", "m3")
	})
}

// TestGap: a message whose predecessor is lost shows that, without a word of the bus.
func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		theirs := b.connect(t, ana)
		a.tells(c.db.append(bo, "m1"))
		b.hold()
		a.tells(c.db.append(bo, "m2"))
		b.release() // nothing
		a.tells(c.db.append(bo, "m3"))
		theirs.gets(t, "the other node", ids(1, 3)...)
	})
}

// TestTooLarge: of a message that the bus does not take other nodes hear its number, and
// read it.
func TestTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		theirs := b.connect(t, ana)
		a.max = 500
		e := c.db.append(bo, "m1")
		e.Message.Body = chat.Sealed(make([]byte, 600))
		a.tells(e)
		theirs.gets(t, "the other node", "m1")
		edit := c.db.edit("m1")
		edit.Message.Body = chat.Sealed(make([]byte, 600))
		a.tells(edit)
		theirs.gets(t, "the other node, of an edit", "edit m1")
	})
}

// TestDatabaseAway: what cannot be read is told later, and nothing passes it by.
func TestDatabaseAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		d := c.nodes[0].connect(t, ana)
		c.nodes[0].tells(c.db.append(bo, "m1"))
		time.Sleep(2 * time.Second) // what is kept of users is too old
		c.db.away(errAway)
		c.nodes[0].tells(c.db.append(bo, "m2"), c.db.append(bo, "m3"), c.db.edit("m2"))
		time.Sleep(10*time.Second + retryDelay/10) // between two tries
		d.gets(t, "while it is away", "m1")
		c.db.away(nil)
		c.nodes[0].tells(c.db.edit("m3")) // before it is tried again
		time.Sleep(2 * time.Second)
		d.gets(t, "when it is back", "m2", "m3", "edit m2", "edit m3")
		c.db.away(errAway)
		c.nodes[0].tells(c.db.append(bo, "m4"))
		time.Sleep(2 * time.Minute)
		if d.ended() != hub.StopOverload {
			t.Errorf("after two minutes the session was closed with %d, want %d: its device is to ask",
				d.ended(), hub.StopOverload)
		}
		c.db.away(nil)
	})
}

// TestPreferenceTriedAgain: of two changes of a preference the first could not be delivered at
// once. It does not undo the second on the user's devices.
func TestPreferenceTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		d := c.nodes[0].connect(t, ana)
		set := func(on bool) *chat.PreferenceChanged {
			return &chat.PreferenceChanged{
				Place: chat.Place{App: testApp, Room: testRoom}, User: ana,
				Preference: chat.Preference{Kind: chat.PreferPinned, On: on},
			}
		}
		c.db.fail(errAway)
		c.nodes[0].tells(set(true), set(false)) // the database says by now that it is not pinned
		time.Sleep(2 * time.Second)
		d.gets(t, "all", "room/unpin", "room/unpin")
	})
}

// TestFellBack: a database that has lost its last commits is told anew.
func TestFellBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 1, ana, bo)
		d := c.nodes[0].connect(t, ana)
		for _, id := range ids(1, 3) {
			c.nodes[0].tells(c.db.append(bo, id))
		}
		c.db.messages = c.db.messages[:1]
		time.Sleep(time.Second)
		c.nodes[0].tells(c.db.append(bo, "other 2"))
		c.nodes[0].tells(c.db.append(bo, "other 3"))
		d.gets(t, "all", "m1", "m2", "m3", "other 2", "other 3")
	})
}
