package e2e

import (
	"testing"

	"parlor/test/env/servertest"
)

// TestDeletedUser: a deleted user is cut off at once; what they wrote stays, and nobody
// writes to them. Named again by the backend, they are back.
func TestDeletedUser(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2"), a.SignIn(t, "bo", "1").Connect(t)
		pair, group := pairOf(ana, bo), newGroup(t, bo, "Group", ana)
		for _, room := range []string{pair, group} {
			local := ana.Send(t, room, "from ana")
			bo.Next(t, "it", func(e servertest.Event) bool { return e.Message.LocalID == local })
		}
		idle := a.SignIn(t, "cy", "1") // has no room with ana yet

		var done struct {
			Success bool
			Message string
		}
		a.Must(t, "user/delete", obj{"xcUserID": "ana"}, &done)
		if !done.Success {
			t.Errorf("deleted: %+v", done)
		}
		<-ana.Closed()
		for _, d := range []*servertest.Device{ana, phone} {
			if answer := d.Try(t, "chat/message/room_list_and_unread", nil); answer.Error.Code != "40103" {
				t.Errorf("device %s: code %q", d.Name, answer.Error.Code)
			}
		}
		last := bo.Next(t, "that ana is gone", func(e servertest.Event) bool {
			return e.Message.Action == "user/delete"
		}).Message
		if last.Room.RoomID != pair || !last.Room.IsLocked || last.User.Deleted == 0 {
			t.Errorf("bo is told %+v", last)
		}
		a.Must(t, "user/delete", obj{"xcUserID": "ana"}, &done)
		if done.Success {
			t.Error("deleted twice")
		}

		// Her messages stay; nobody can answer them.
		texts := history(t, bo, pair)
		if len(texts) != 1 || texts[0].Text(t) != "from ana" || texts[0].User.Deleted == 0 {
			t.Errorf("bo reads %+v", texts)
		}
		bo.Send(t, pair, "are you there?")
		idle.Connect(t).Send(t, pairOf(ana, idle), "hello?")
		known := bo.Send(t, group, "she has gone")
		bo.Next(t, "the echo", func(e servertest.Event) bool { return e.Message.LocalID == known })
		if len(history(t, bo, pair)) != 1 || len(deviceRooms(t, idle)) != 0 {
			t.Error("somebody has written to her")
		}
		for _, call := range []struct{ path, user string }{{"user/delete", "nobody"}, {"room/lock", "ana"}} {
			if answer := a.Call(t, call.path, obj{"xcUserID": call.user, "xcRoomID": "r"}); answer.Error.Code != "40401" {
				t.Errorf("%s: %q", call.path, answer.Error.Code)
			}
		}

		back := a.SignIn(t, "ana", "1").Connect(t)
		if back.UserID != ana.UserID {
			t.Errorf("she comes back as %s", back.UserID)
		}
		again := bo.Send(t, pair, "there you are")
		if m := back.Next(t, "the message", func(e servertest.Event) bool {
			return e.Message.LocalID == again
		}).Message; m.Room.IsLocked {
			t.Error("the room is closed still")
		}
	})
}
