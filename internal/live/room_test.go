package live

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// TestLeaver: who is taken out of a room gets the message that says so as the last, on each
// node, and is fed what may have missed them before.
func TestLeaver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		there, leaver := a.connect(t, ana), b.connect(t, bo)
		b.hold()
		a.tells(c.db.append(ana, "m1"))
		a.tells(c.db.remove(bo, "m2")...)
		a.tells(c.db.append(ana, "m3"))
		if got := there.messages(); !slices.Equal(got, ids(1, 3)) {
			t.Errorf("who stays was sent %q, want all", got)
		}
		there.forget()
		leaver.gets(t, "before the node hears of it")
		b.release(0, 1, 2, 3)
		leaver.forget() // m1 is delivered when bo is no longer a participant: a feed brings it
		if leaver.behind == 0 {
			t.Error("who has left is not fed what was before")
		}
		a.tells(c.db.append(ana, "m4"))
		leaver.gets(t, "after the leave")
		there.gets(t, "who stays", "m4")
	})
}

// TestLastMessage: the leaver gets it although the participants are known already as they are
// without them.
func TestLastMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		here, there := a.connect(t, bo), b.connect(t, bo)
		a.tells(c.db.append(ana, "m1"))
		a.tells(c.db.remove(bo, "m2")...)
		for what, d := range map[string]*phone{"its node": here, "the other node": there} {
			if got := d.messages(); !slices.Equal(got, ids(1, 2)) {
				t.Errorf("%s: the leaver was sent %q, want both", what, got)
			}
		}
	})
}

// TestNewcomer: who is put into a room gets the message that says so as the first, on each
// node, also where it is known who was in the room before.
func TestNewcomer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana)
		a, b := c.nodes[0], c.nodes[1]
		ours, theirs := a.connect(t, bo), b.connect(t, bo)
		there := b.connect(t, ana)
		a.tells(c.db.append(ana, "m1"))
		b.hold()
		a.tells(c.db.add(bo, "m2"))
		a.tells(c.db.append(ana, "m3"))
		b.release(1, 0)
		if got := ours.messages(); !slices.Equal(got, ids(2, 3)) {
			t.Errorf("where it was done bo was sent %q, want the message that brings them, and the next", got)
		}
		if got := theirs.messages(); !slices.Equal(got, ids(2, 3)) {
			t.Errorf("on the other node bo was sent %q, want the message that brings them, and the next", got)
		}
		if got := there.messages(); !slices.Equal(got, ids(1, 3)) {
			t.Errorf("ana was sent %q, want all", got)
		}
	})
}

// TestLoginsEnd: a login that is over ends its sessions on every node.
func TestLoginsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		ours, theirs, other := c.nodes[0].connect(t, ana), c.nodes[1].connect(t, ana), c.nodes[1].connect(t, bo)
		c.nodes[0].tells(&chat.LoginsEnded{App: testApp, Logins: []chat.LoginID{chat.LoginID(ana)}})
		for what, d := range map[string]*phone{"its node": ours, "the other node": theirs} {
			if d.ended() != hub.StopToken {
				t.Errorf("%s: closed with %d, want %d", what, d.ended(), hub.StopToken)
			}
		}
		if other.ended() != 0 {
			t.Errorf("another user was closed with %d", other.ended())
		}
	})
}

// TestFrontier: the frontier rises once everything below it was delivered, never before: neither
// past something that could not be delivered, nor past what another node may have sent before.
func TestFrontier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana, bo)
		a, b := c.nodes[0], c.nodes[1]
		theirs := b.connect(t, ana)
		time.Sleep(10*time.Second + frontierInterval/5) // between two words of the other node
		b.hold()
		a.tells(c.db.append(bo, "m1"))
		number := c.db.messages[0].Added
		time.Sleep(2 * time.Second)
		if got := b.Hub().Frontier(); got > number {
			t.Errorf("everything below %d counts as delivered, and change %d has not arrived", got, number)
		}
		b.release(0)
		time.Sleep(10 * time.Second)
		theirs.gets(t, "the other node", "m1")
		if got := b.Hub().Frontier(); got <= number {
			t.Errorf("everything was delivered, and only what is below %d counts as that; the change is %d", got, number)
		}
		time.Sleep(2 * time.Second)
		c.db.away(errAway)
		b.tells(c.db.append(bo, "m2"))
		c.db.away(nil)
		if got := b.Hub().Frontier(); got > c.db.messages[1].Added {
			t.Errorf("everything below %d counts as delivered, and m2 waits", got)
		}
		time.Sleep(10 * time.Second)
		if got := b.Hub().Frontier(); got <= c.db.messages[1].Added {
			t.Errorf("m2 was delivered, and only what is below %d counts as that", got)
		}
	})
}

// TestRoleThatIsHeardLate: what is delivered in a room before it is heard that somebody came into it
// by a role is fed to their devices.
func TestRoleThatIsHeardLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2, ana)
		c.db.byRole = true
		a, b := c.nodes[0], c.nodes[1]
		b.connect(t, ana)
		d := b.connect(t, bo)
		a.tells(c.db.append(ana, "m1"))
		c.db.mu.Lock()
		c.db.people = []chat.UserID{ana, bo}
		c.db.mu.Unlock()
		missed := c.db.append(ana, "m2")
		a.tells(missed)
		a.tells(&chat.RolesChanged{App: testApp, Users: []chat.UserID{bo}})
		d.mu.Lock()
		behind := d.behind
		d.mu.Unlock()
		if behind == 0 || d.session.Began() <= missed.Number {
			t.Errorf("the device is not fed: %d times, from %d on it was sent everything", behind, d.session.Began())
		}
		a.tells(c.db.append(ana, "m3"))
		d.gets(t, "what comes later", "m3")
	})
}
