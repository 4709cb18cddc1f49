package e2e

import (
	"fmt"
	"testing"

	"parlor/test/env/servertest"
)

// TestListShowsMessagesAsDevicesDo: the newest message of a room looks the same in the backend's
// list of rooms as to the user's devices, however much of the room the user has read.
func TestListShowsMessagesAsDevicesDo(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		var ids []string
		compare := func(when string) {
			t.Helper()
			for _, d := range []*servertest.Device{ana, bo} {
				listed := listRooms(t, a, map[*servertest.Device]string{ana: "ana", bo: "bo"}[d])[0].LastMessage
				shown := history(t, d, room)[0]
				got := fmt.Sprint(listed.LocalID, listed.Updated-listed.Created, listed.IsDelivered, listed.IsRead)
				want := fmt.Sprint(shown.LocalID, shown.Updated-shown.Created, shown.IsDelivered, shown.IsRead)
				if got != want {
					t.Errorf("%s, to %s: the list has %s, a device %s", when, d.UserID, got, want)
				}
			}
		}
		say := func() {
			t.Helper()
			ana.Send(t, room, "hello")
			ids = append(ids, bo.NextMessage(t).MessageID)
		}
		mark := func(kind string, ids ...string) {
			t.Helper()
			bo.Call(t, "chat/message/feedback/"+kind, obj{"messageIDs": ids}, nil)
			ana.NextUpdate(t)
		}
		say()
		compare("new")
		mark("delivered", ids[0])
		compare("delivered")
		mark("read", ids[0])
		compare("read")
		say()
		say()
		mark("read", ids[2])
		compare("read beyond a hole")
		mark("read", ids[1])
		compare("all read")
	})
}
