package live

import (
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
)

// TestPresence: those who are acquainted with a user learn on each node when they come and,
// once they have stayed away for a while, when they have gone.
func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2)
		a, b := c.nodes[0], c.nodes[1]
		ours, theirs := a.connect(t, ana), b.connect(t, cy)
		ours.forget()
		theirs.forget()
		first := a.connect(t, bo)
		ours.gets(t, "bo comes", "2 on")
		theirs.gets(t, "bo comes, on another node", "2 on")
		first.leave()
		time.Sleep(3 * time.Second)
		second := a.connect(t, bo) // a reconnect
		time.Sleep(10 * time.Second)
		ours.gets(t, "a short absence")
		theirs.gets(t, "a short absence, on another node")
		second.leave()
		time.Sleep(3 * time.Second)
		if !b.Online(bo) {
			t.Error("bo counts as gone at once")
		}
		time.Sleep(3 * time.Second)
		ours.gets(t, "bo has gone", "2 off")
		theirs.gets(t, "bo has gone, on another node", "2 off")
		if a.Online(bo) || b.Online(bo) {
			t.Error("bo counts as online")
		}
	})
}

// TestPresenceOnTwoNodes: who leaves one node and is on another has not gone.
func TestPresenceOnTwoNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2)
		a, b := c.nodes[0], c.nodes[1]
		watcher := a.connect(t, ana)
		phone, tablet := a.connect(t, bo), b.connect(t, bo)
		watcher.forget()
		phone.leave()
		time.Sleep(10 * time.Second)
		watcher.gets(t, "one of two has gone")
		if !a.Online(bo) || !b.Online(bo) {
			t.Error("bo counts as gone")
		}
		tablet.leave()
		time.Sleep(10 * time.Second)
		watcher.gets(t, "both have gone", "2 off")
	})
}

// TestNodeDies: the users of a node that falls silent count as gone after a while, but for
// those who are elsewhere; a node that lives is given longer than it is silent.
func TestNodeDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2)
		a, b := c.nodes[0], c.nodes[1]
		watcher := a.connect(t, ana)
		b.connect(t, bo)
		b.connect(t, ana)
		watcher.forget()
		time.Sleep(2 * time.Minute) // it only beats
		watcher.gets(t, "while it lives")
		b.stop()
		time.Sleep(15 * time.Second)
		watcher.gets(t, "three beats later")
		time.Sleep(15 * time.Second)
		watcher.gets(t, "the node is dead", "2 off")
		if a.Online(bo) || !a.Online(ana) {
			t.Errorf("online: bo %v, ana %v; want ana alone", a.Online(bo), a.Online(ana))
		}
	})
}

// TestNewNode: a node that starts learns who is connected to the others.
func TestNewNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2)
		c.nodes[0].connect(t, bo)
		late := c.start(t, true)
		synctest.Wait()
		if !late.Online(bo) || late.Online(cy) {
			t.Errorf("online: bo %v, cy %v; want bo alone", late.Online(bo), late.Online(cy))
		}
	})
}

// TestPresenceAfterLoss: who has gone while the bus lost everything is found out.
func TestPresenceAfterLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2)
		a, b := c.nodes[0], c.nodes[1]
		leaver := a.connect(t, bo)
		b.lose()
		leaver.leave()
		a.connect(t, cy)
		time.Sleep(10 * time.Second)
		if !b.Online(bo) || b.Online(cy) {
			t.Error("the bus has lost nothing, so that the test shows nothing")
		}
		b.find()
		if b.Online(bo) || !b.Online(cy) {
			t.Errorf("online: bo %v, cy %v; want cy alone", b.Online(bo), b.Online(cy))
		}
	})
}

// TestProfile: a changed profile is shown to the user's own devices and to those who are
// acquainted with them, on every node.
func TestProfile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCluster(t, 2)
		a, b := c.nodes[0], c.nodes[1]
		own, other := a.connect(t, bo), b.connect(t, ana)
		own.forget()
		other.forget()
		a.tells(&chat.UserUpdated{App: testApp, User: bo})
		own.gets(t, "bo's own device", "user/updated")
		other.gets(t, "who is acquainted", "user/updated")
	})
}
