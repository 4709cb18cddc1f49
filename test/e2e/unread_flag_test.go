package e2e

import (
	"testing"

	"parlor/test/env/servertest"
)

// TestReadingAgainTakesMark: a room that was marked as unread by hand has nothing new to
// read. SDKs then name a message that was read before, or one of their own, and the mark
// goes on all devices.
func TestReadingAgainTakesMark(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t),
			a.SignIn(t, "bo", "2").Connect(t)
		pair := pairOf(ana, bo)
		ana.Send(t, pair, "hello")
		theirs := bo.NextMessage(t)
		bo.Send(t, pair, "hello back")
		mine := bo.NextMessage(t)
		read := func(m servertest.Message) {
			bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{m.MessageID}}, nil)
		}
		read(theirs)
		for what, m := range map[string]servertest.Message{"what was read": theirs, "one's own": mine} {
			bo.Call(t, "client/room/mark_as_unread", obj{"roomIDs": list{pair}}, nil)
			read(m)
			var got struct{ UnreadRoomIDs []string }
			if bo.Call(t, "client/room/get_unread_room_ids", nil, &got); len(got.UnreadRoomIDs) > 0 {
				t.Errorf("after reading %s again the room is still marked", what)
				continue
			}
			phone.Next(t, "room/markAsRead", func(e servertest.Event) bool { return e.EventName == "room/markAsRead" })
		}
	})
}
