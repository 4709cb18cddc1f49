package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// typingEvent is what tells that somebody writes, or has stopped to.
type typingEvent struct {
	RoomID string
	User   participant
}

// nextTyping returns the next such event.
func nextTyping(t testing.TB, d *servertest.Device) (name string, got typingEvent) {
	t.Helper()
	e := d.Next(t, "typing", func(e servertest.Event) bool { return strings.HasSuffix(e.EventName, "Typing") })
	if err := json.Unmarshal(e.Data, &got); err != nil {
		t.Fatal(err)
	}
	return e.EventName, got
}

// TestTyping: the others in a room learn on all their devices who is writing, and when they have
// stopped, even if that is because their connection broke.
func TestTyping(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t)
		bo, tablet := a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "bo", "2").Connect(t)
		cy, eve := a.SignIn(t, "cy", "1").Connect(t), a.SignIn(t, "eve", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo, cy)
		check := func(name, room string, to ...*servertest.Device) {
			t.Helper()
			for _, d := range to {
				got, e := nextTyping(t, d)
				if got != name || e.RoomID != room || e.User.UserID != ana.UserID || e.User.Fullname != "Name of ana" ||
					e.User.XCUserID != "ana" {
					t.Errorf("%s gets %s %+v", d.UserID, got, e)
				}
			}
		}
		ana.Emit(t, "chat/startTyping", obj{"roomID": room, "user": nil})
		check("chat/startTyping", room, bo, tablet, cy)
		ana.Emit(t, "chat/stopTyping", obj{"roomID": room, "user": obj{"userID": bo.UserID}})
		check("chat/stopTyping", room, bo, tablet, cy)
		ana.Emit(t, "chat/startTyping", obj{"roomID": room})
		check("chat/startTyping", room, bo, tablet, cy)
		until(t, bo, ana.Send(t, pairOf(ana, bo), "hello"))
		ana.Emit(t, "chat/startTyping", obj{"roomID": pairOf(ana, bo)})
		check("chat/startTyping", pairOf(ana, bo), bo, tablet)
		ana.Disconnect()
		stopped := map[string]bool{}
		for range 2 {
			name, e := nextTyping(t, bo)
			stopped[name+" "+e.RoomID] = true
		}
		if !stopped["chat/stopTyping "+room] || !stopped["chat/stopTyping "+pairOf(ana, bo)] {
			t.Errorf("when ana's socket breaks bo hears of %v", stopped)
		}
		check("chat/stopTyping", room, cy)
		for _, d := range []*servertest.Device{phone, eve} {
			for _, e := range heard(t, d) {
				if strings.HasSuffix(e.EventName, "Typing") {
					t.Errorf("%s's device %s hears of %s %s", d.UserID, d.Name, e.EventName, e.Data)
				}
			}
		}
	})
}

// TestNoTyping: a user who could not send a message cannot show that they are writing one.
func TestNoTyping(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo, cy := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1").Connect(t), s.SignIn(t, "cy", "1")
		room := newGroup(t, bo, "Theirs", cy)
		former := newGroup(t, bo, "Former", ana)
		ana.Call(t, "client/room/leave", obj{"roomID": former}, nil)
		deleted := newGroup(t, bo, "Deleted", ana)
		bo.Call(t, "client/room/delete", obj{"roomID": deleted, "checksum": checksum(bo, deleted)}, nil)
		locked := putRoom(t, s, "l", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		do(t, s, "room/lock", obj{"xcRoomID": "l", "xcUserID": "bo"})
		for _, in := range []any{
			room, former, deleted, locked, pairOf(bo, cy), pairOf(bo, bo), pairOf(ana, cy), "g999999",
			obj{"roomID": room},
			nil,
			list{room},
		} {
			ana.Emit(t, "chat/startTyping", obj{"roomID": in})
		}
		ana.Emit(t, "chat/stopTyping", room) // as one SDK does
		for _, e := range until(t, bo, ana.Send(t, pairOf(ana, bo), "a mark")) {
			if strings.HasSuffix(e.EventName, "Typing") {
				t.Errorf("bo hears of %s %s", e.EventName, e.Data)
			}
		}
	})
}
