package e2e

import (
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// TestRepeatedMessage: a message that a device sends again is stored once, and only this
// device is shown it again, as it is by now.
func TestRepeatedMessage(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t),
			a.SignIn(t, "bo", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		local := ana.Send(t, room, "first")
		first := ana.NextMessage(t)
		ana.Emit(t, "chat/updateMessage", servertest.Draft(t, room, local, "edited"))
		ana.NextUpdate(t)
		bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{first.MessageID}}, nil)
		ana.NextUpdate(t)
		for _, d := range []*servertest.Device{phone, bo} {
			until(t, d, local)
			d.NextUpdate(t)
			d.NextUpdate(t)
		}
		for _, d := range []*servertest.Device{ana, phone} {
			for _, inRoom := range []string{room, pairOf(ana, bo), pairOf(ana, ana)} {
				d.Emit(t, "chat/sendMessage", servertest.Draft(t, inRoom, local, "again"))
				m := d.NextMessage(t)
				if m.LocalID != local || m.MessageID != first.MessageID || m.Created != first.Created || m.Text(t) != "edited" ||
					m.Room.RoomID != room || !m.IsRead || !m.IsMessageEdited {
					t.Errorf("the echo of the repeat is %q %+v", m.Text(t), m)
				}
			}
		}
		ana.Call(t, "chat/message/send/custom", obj{
			"roomID": room, "localID": local, "messageType": 1001, "body": "again",
		}, nil)
		for _, d := range []*servertest.Device{ana, phone, bo} {
			for _, e := range heard(t, d) {
				if e.Message.Room.RoomID == room {
					t.Errorf("%s's device %s hears of %s %+v", d.UserID, d.Name, e.EventName, e.Message)
				}
			}
		}
		if got := history(t, bo, room); len(got) != 1 || got[0].Text(t) != "edited" {
			t.Errorf("the room has %+v", got)
		}
	})
}

// TestLocalIDOfAnother: nobody takes the place of another's message, or learns from trying
// what it says.
func TestLocalIDOfAnother(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, eve := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t),
			a.SignIn(t, "eve", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo, eve)
		local := ana.Send(t, pairOf(ana, bo), "between us")
		system := nextAction(t, eve, "room/create")
		until(t, ana, local)
		until(t, bo, local)
		for _, taken := range []string{local, system.LocalID} {
			for _, inRoom := range []string{room, pairOf(eve, eve), pairOf(ana, bo)} {
				eve.Emit(t, "chat/sendMessage", servertest.Draft(t, inRoom, taken, "mine"))
				answer := eve.Try(t, "chat/message/send/custom", obj{
					"roomID": inRoom, "localID": taken, "messageType": 1001, "body": "mine",
				})
				if want := map[bool]string{true: "40401", false: "40901"}[inRoom == pairOf(ana, bo)]; answer.Error.Code != want {
					t.Errorf("%s in %s: %s", taken, inRoom, answer.Body)
				}
			}
		}
		for _, d := range []*servertest.Device{eve, ana, bo} {
			if got := slices.DeleteFunc(names(heard(t, d)), func(n string) bool {
				return n == "chat/sendMessage room/create"
			}); len(got) > 0 {
				t.Errorf("%s hears of %q", d.UserID, got)
			}
		}
		if got := history(t, bo, pairOf(ana, bo)); len(got) != 1 || got[0].Text(t) != "between us" {
			t.Errorf("there is %+v", got)
		}
		if got := history(t, ana, room); len(got) > 0 {
			t.Errorf("the group has %+v", got)
		}
	})
}
