package hub_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// TestStopLogins: logins that are over end their own sessions, and no others.
func TestStopLogins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		_, a := join(t, h, ana)
		_, b := join(t, h, bo)
		elsewhere := caller(bo)
		elsewhere.App.ID++ // the same number of a login, in another App
		c := &socket{}
		if err := h.Join(t.Context(), hub.NewSession(c, elsewhere)); err != nil {
			t.Fatal(err)
		}
		h.StopLogins(app, []chat.LoginID{chat.LoginID(bo), 99})
		synctest.Wait()
		a.is(t, "ana", 0)
		b.is(t, "bo", hub.StopToken)
		c.is(t, "the other App's bo", 0)
	})
}

// TestStopAll: a server that goes ends its sessions over a time, and takes no new ones.
func TestStopAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		var all []*socket
		for user := range 100 {
			_, c := join(t, h, chat.UserID(user+1))
			all = append(all, c)
		}
		closed := func() (n int) {
			synctest.Wait()
			for _, c := range all {
				if c.ended() == hub.StopAway {
					n++
				}
			}
			return n
		}
		done := make(chan struct{})
		go func() { // ends with the time
			h.StopAll(2 * time.Second)
			close(done)
		}()
		if n := closed(); n > 10 {
			t.Errorf("%d sessions were ended at once", n)
		}
		if err := h.Join(t.Context(), hub.NewSession(&socket{}, caller(ana))); chat.CodeOf(err) != chat.CodeUnavailable {
			t.Errorf("a new session: %v", err)
		}
		time.Sleep(time.Second)
		if n := closed(); n < 30 || n > 70 {
			t.Errorf("%d of 100 sessions were ended in half of the time", n)
		}
		<-done
		if n := closed(); n != 100 {
			t.Errorf("%d of 100 sessions were ended", n)
		}
	})
}

// TestBounds: of a user with too many devices the oldest ends, and a full node takes no more.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}, MaxPerUser: 2, MaxSessions: 4})
		var all []*socket
		for range 3 {
			_, c := join(t, h, ana)
			all = append(all, c)
		}
		synctest.Wait()
		all[0].is(t, "the oldest", hub.StopPolicy)
		all[1].is(t, "the second", 0)
		join(t, h, bo)
		if err := h.Join(t.Context(), hub.NewSession(&socket{}, caller(cy))); chat.CodeOf(err) != chat.CodeUnavailable {
			t.Errorf("one more than the node takes: %v", err)
		}
	})
}

// TestPresence: it is told of first sessions and last ones alone, and who leaves is sent
// nothing more.
func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		d := &people{}
		version := d.set(ana)
		h := hub.New(hub.Options{Directory: d, Presence: func(_ chat.AppID, user chat.UserID, here bool) {
			told = append(told, fmt.Sprint(user, here))
		}})
		first, c := join(t, h, ana)
		second, _ := join(t, h, ana)
		h.Leave(first)
		h.Leave(first)
		send(t, h, version, "to the second")
		h.Leave(second)
		send(t, h, version, "to nobody")
		third, _ := join(t, h, ana)
		h.Leave(third)
		synctest.Wait()
		c.is(t, "the first", 0)
		if got, want := fmt.Sprint(told), "[1 true 1 false 1 true 1 false]"; got != want {
			t.Errorf("presence was told %s, want %s", got, want)
		}
		if h.Sessions() != 0 || h.Anybody(app) {
			t.Errorf("%d sessions are left", h.Sessions())
		}
	})
}
