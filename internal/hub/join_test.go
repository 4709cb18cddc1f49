package hub_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// TestPutIntoRoomWhileRead: who is put into a room while its people are being read gets the
// message that has seen them come, although the read that is under way has not.
func TestPutIntoRoomWhileRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &people{slow: time.Second}
		first := d.set(ana)
		h := hub.New(hub.Options{Directory: d})
		_, a := join(t, h, ana)
		_, b := join(t, h, bo)
		go send(t, h, first, "before") // ends with its read
		synctest.Wait()                // it has read that bo is not there
		second := d.set(ana, bo)
		send(t, h, second, "after")
		synctest.Wait()
		b.is(t, "bo", 0, "after")
		send(t, h, second, "later")
		synctest.Wait()
		b.is(t, "bo", 0, "after", "later")
		if len(a.got) != 3 {
			t.Errorf("ana was sent %q, want all three", a.got)
		}
	})
}

// TestJoinWhileRead: a device that connects while the people of its room are being read, and
// has been told that it is connected, gets whatever is sent from then on.
func TestJoinWhileRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &people{slow: time.Second}
		version := d.set(ana, bo)
		h := hub.New(hub.Options{Directory: d})
		_, a := join(t, h, ana)
		go send(t, h, version, "one")
		time.Sleep(500 * time.Millisecond) // half of the read
		_, b := join(t, h, bo)             // ends after it
		send(t, h, version, "two")
		synctest.Wait()
		a.is(t, "ana", 0, "one", "two")
		if len(b.got) == 0 || b.got[len(b.got)-1] != "two" {
			t.Errorf("bo was sent %q, want the frame after the join", b.got)
		}
		if d.reads != 1 {
			t.Errorf("the room was read %d times, want once: the join is to enter the audience", d.reads)
		}
	})
}

// TestRemovedWhileJoining: who is removed from a room after it was read, for their first session,
// where they are, gets nothing of what is said afterwards, wherever the room's people are read anew.
func TestRemovedWhileJoining(t *testing.T) {
	for name, late := range map[string]time.Duration{"read behind": 0, "read that was about to begin": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &people{}
				version := d.set(ana, bo)
				h := hub.New(hub.Options{Directory: d})
				_, a := join(t, h, ana)
				send(t, h, version, "an audience is there")
				read := make(chan struct{})
				if d.late = late; late > 0 {
					h.Forget(room)
					go func() { send(t, h, version, "before"); close(read) }() // ends with its read
					synctest.Wait()
				} else {
					close(read)
				}
				d.slow = 2 * time.Second
				joined := make(chan *socket)
				go func() {
					_, b := join(t, h, bo)
					joined <- b
				}()
				synctest.Wait() // bo's rooms were read
				d.slow = 0
				version = d.set(ana)
				<-read
				send(t, h, version, "bo has been removed")
				b := <-joined
				send(t, h, version, "without bo")
				synctest.Wait()
				b.is(t, "bo", 0)
				if got := a.got[len(a.got)-1]; got != "without bo" {
					t.Errorf("the last that ana was sent is %q", got)
				}
			})
		})
	}
}

// TestSecondDeviceWaits: a user's second device is not connected before the first is: what
// comes between would miss both.
func TestSecondDeviceWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &people{}
		version := d.set(ana, bo)
		h := hub.New(hub.Options{Directory: d})
		join(t, h, ana)
		send(t, h, version, "an audience is there")
		d.slow = time.Second
		begun := time.Now()
		firstDone := make(chan time.Duration, 1)
		go func() {
			join(t, h, bo)
			firstDone <- time.Since(begun)
		}()
		synctest.Wait()
		join(t, h, bo)
		if took := time.Since(begun); took < time.Second {
			t.Errorf("the second device was connected after %v, before the first", took)
		}
		<-firstDone
	})
}

// TestJoinFails: when it cannot be read where a user is, neither device of theirs stays.
func TestJoinFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &people{}
		version := d.set(ana, bo)
		came := 0
		h := hub.New(hub.Options{Directory: d, Presence: func(_ chat.AppID, user chat.UserID, here bool) {
			if user == bo && here {
				came++
			}
		}})
		join(t, h, ana)
		send(t, h, version, "an audience is there")
		away := errors.New("the database is away")
		d.err, d.slow = away, time.Second
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- h.Join(t.Context(), hub.NewSession(&socket{}, caller(bo))) }()
		}
		for range 2 {
			if err := <-errs; !errors.Is(err, away) {
				t.Errorf("the error is %v, want %v", err, away)
			}
		}
		if h.Here(app, bo) || h.Sessions() != 1 || came != 0 {
			t.Errorf("bo is here: %v, sessions: %d, announced as come: %d; want nobody but ana",
				h.Here(app, bo), h.Sessions(), came)
		}
		d.err = nil
		_, b := join(t, h, bo)
		send(t, h, version, "again")
		synctest.Wait()
		b.is(t, "bo", 0, "again")
	})
}

// TestLeaverGetsTheLast: who has left a room gets the message that says so, once, and no
// later one.
func TestLeaverGetsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &people{}
		first := d.set(ana, bo)
		h := hub.New(hub.Options{Directory: d})
		_, a := join(t, h, ana)
		_, b := join(t, h, bo)
		send(t, h, first, "both", bo) // who is still in it does not get it twice
		second := d.set(ana)
		send(t, h, second, "bo has left", bo)
		send(t, h, second, "without bo")
		synctest.Wait()
		a.is(t, "ana", 0, "both", "bo has left", "without bo")
		b.is(t, "bo", 0, "both", "bo has left")
	})
}

// TestRolesAge: where other nodes change who holds a role, a room with roles is read anew
// after a while, and others are not.
func TestRolesAge(t *testing.T) {
	for _, byRole := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			d := &people{byRole: byRole}
			version := d.set(ana)
			h := hub.New(hub.Options{Directory: d, Shared: true})
			_, a := join(t, h, ana)
			_, b := join(t, h, bo)
			send(t, h, version, "one")
			d.users = []chat.UserID{ana, bo} // another node has given bo a role
			send(t, h, version, "at once")
			time.Sleep(3 * time.Second)
			send(t, h, version, "later")
			synctest.Wait()
			a.is(t, "ana", 0, "one", "at once", "later")
			if byRole {
				b.is(t, "bo", 0, "later")
			} else {
				b.is(t, "bo", 0)
			}
		})
	}
}

// TestForgetWhileRead: what is being read when everything is to be forgotten is good for
// nothing that comes after.
func TestForgetWhileRead(t *testing.T) {
	for name, forget := range map[string]func(*hub.Hub){
		"all":   (*hub.Hub).ForgetAll,
		"roles": func(h *hub.Hub) { h.ForgetRoles(app) },
		"room":  func(h *hub.Hub) { h.Forget(room) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &people{slow: time.Second, byRole: true}
				version := d.set(ana)
				h := hub.New(hub.Options{Directory: d})
				join(t, h, ana)
				_, b := join(t, h, bo)
				go send(t, h, version, "before")
				synctest.Wait()
				d.users = []chat.UserID{ana, bo} // under the same version
				forget(h)
				time.Sleep(2 * time.Second)
				send(t, h, version, "after")
				synctest.Wait()
				b.is(t, "bo", 0, "after")
			})
		})
	}
}
