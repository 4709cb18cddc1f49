package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"parlor/test/env/servertest"
)

// statuses collects what comes to a device of others' presence up to a mark.
func statuses(t testing.TB, d *servertest.Device) []string {
	t.Helper()
	var got []string
	local := d.Send(t, pairOf(d, d), "a mark")
	d.Next(t, "the mark", func(e servertest.Event) bool {
		if strings.HasPrefix(e.EventName, "user/") {
			got = append(got, e.EventName+" "+string(e.Data))
		}
		return e.Message.LocalID == local
	})
	return got
}

// TestPresence: those who are acquainted with somebody learn when the first device comes
// and, after a moment, when the last has gone.
func TestPresence(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		partner, contact := a.SignIn(t, "partner", "1").Connect(t), a.SignIn(t, "contact", "1").Connect(t)
		stranger, other := a.SignIn(t, "stranger", "1").Connect(t), a.SignIn(t, "other", "1").Connect(t)
		ana, phone := a.SignIn(t, "ana", "1"), a.SignIn(t, "ana", "2")
		until(t, partner, partner.Send(t, pairOf(partner, ana), "hello"))
		contact.Call(t, "client/contact/add", obj{"userID": ana.UserID}, nil)
		ana.Call(t, "client/contact/add", obj{"userID": other.UserID}, nil) // which says nothing of the other way
		newGroup(t, stranger, "Group", ana)
		online := func(want bool) {
			t.Helper()
			var got struct{ User participant }
			contact.Call(t, "client/user/get_by_id", obj{"id": ana.UserID}, &got)
			if got.User.IsOnline != want {
				t.Errorf("asked for, ana is online: %v", got.User.IsOnline)
			}
		}
		next := func(d *servertest.Device, want bool) {
			t.Helper()
			e := d.Next(t, "user/status", func(e servertest.Event) bool { return e.EventName == "user/status" })
			var got struct {
				User       participant
				IsOnline   bool
				LastActive int64
			}
			if err := json.Unmarshal(e.Data, &got); err != nil {
				t.Fatal(err)
			}
			age := time.Since(time.UnixMilli(got.LastActive))
			if got.User.UserID != ana.UserID || got.User.Fullname != "Name of ana" || got.IsOnline != want ||
				got.User.IsOnline != want || age > time.Minute || age < -time.Minute {
				t.Errorf("%s gets %s", d.UserID, e.Data)
			}
		}
		online(false)
		ana.Connect(t)
		for _, d := range []*servertest.Device{partner, contact} {
			next(d, true)
		}
		online(true)
		phone.Connect(t)
		ana.Disconnect()
		ana.Connect(t)
		phone.Disconnect()
		ana.Disconnect()
		left := time.Now()
		online(true) // for a moment: devices reconnect
		for _, d := range []*servertest.Device{partner, contact} {
			next(d, false)
		}
		if grace := time.Since(left); grace < 3*time.Second {
			t.Errorf("ana was gone after %s", grace)
		}
		online(false)
		for _, d := range []*servertest.Device{partner, contact, stranger, other} {
			if got := statuses(t, d); len(got) > 0 {
				t.Errorf("%s hears of %q as well", d.UserID, got)
			}
		}
	})
}

// TestProfileNews: a new profile comes to the user's own devices and to those who are
// acquainted, and into personal rooms by a hidden message.
func TestProfileNews(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone, partner := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t),
			a.SignIn(t, "partner", "1").Connect(t)
		contact, stranger := a.SignIn(t, "contact", "1").Connect(t), a.SignIn(t, "stranger", "1").Connect(t)
		local := partner.Send(t, pairOf(ana, partner), "hello")
		for _, d := range []*servertest.Device{ana, phone, partner} {
			until(t, d, local)
		}
		contact.Call(t, "client/contact/add", obj{"userID": ana.UserID}, nil)
		newGroup(t, stranger, "Group", ana)
		a.Must(t, "user/update", obj{"xcUserID": "ana", "fullName": "Ana II"}, nil)
		for _, d := range []*servertest.Device{ana, phone, partner, contact} {
			var got participant
			if err := json.Unmarshal(d.Next(t, "user/updated", func(e servertest.Event) bool {
				if m := e.Message; m.Action == "user/update" &&
					(!m.IsHidden || m.User.Fullname != "Ana II" || m.Room.RoomID != pairOf(ana, partner)) {
					t.Errorf("%s gets %+v", d.UserID, m)
				}
				return e.EventName == "user/updated"
			}).Data, &got); err != nil {
				t.Fatal(err)
			}
			if got.UserID != ana.UserID || got.Fullname != "Ana II" || !got.IsOnline {
				t.Errorf("%s gets %+v", d.UserID, got)
			}
		}
		partner.Send(t, pairOf(ana, partner), "hello again")
		if m := partner.NextMessage(t); m.Room.Name != "Ana II" {
			t.Errorf("the partner sees the room %+v", m.Room)
		}
		if m := ana.NextMessage(t); m.Room.Name != "Name of partner" {
			t.Errorf("ana sees the room %+v", m.Room)
		}
		for _, d := range []*servertest.Device{stranger} {
			for _, got := range statuses(t, d) {
				t.Errorf("the stranger hears of %s", got)
			}
		}
		// What nobody sees tells nobody.
		a.Must(t, "user/update", obj{"xcUserID": "ana", "fullName": "Ana II"}, nil)
		partner.Send(t, pairOf(ana, partner), "a mark")
		for {
			e := partner.Next(t, "the mark", func(e servertest.Event) bool {
				return e.Message.Type == 1001 || e.Message.Action == "user/update"
			})
			if e.Message.Action == "user/update" {
				t.Errorf("the same profile again comes as %+v", e.Message)
				continue
			}
			break
		}
	})
}
