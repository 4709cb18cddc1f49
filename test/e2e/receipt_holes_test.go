package e2e

import (
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// TestReadingHereAndThere reads every second of many messages in one call, and then all of
// them: each is new once, its author learns of each, and the rest stays unread. Whoever
// is not in the room marks nothing.
func TestReadingHereAndThere(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, eve := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1"), a.SignIn(t, "eve", "1")
		room := newGroup(t, ana, "Group", bo)
		const messages = 450 // no more than the list of rooms looks at
		var all, second []string
		for i := range messages {
			ana.Send(t, room, "text")
			all = append(all, ana.NextMessage(t).MessageID)
			if i%2 == 1 {
				second = append(second, all[i])
			}
		}
		read := func(d *servertest.Device, ids []string, want int) {
			t.Helper()
			var got struct{ UpdatedMessageIDs []string }
			d.Call(t, "chat/message/feedback/read", obj{"messageIDs": ids}, &got)
			if len(got.UpdatedMessageIDs) != want {
				t.Errorf("%d are new, want %d", len(got.UpdatedMessageIDs), want)
			}
			for _, id := range got.UpdatedMessageIDs {
				if !slices.Contains(ids, id) {
					t.Errorf("%s was not named", id)
				}
			}
		}
		read(eve, all, 0)
		read(bo, second, messages/2)
		for range second {
			if m := ana.NextUpdate(t); !m.IsRead || !slices.Contains(second, m.MessageID) {
				t.Fatalf("ana hears of %s, read %t", m.MessageID, m.IsRead)
			}
		}
		unread := listMessages(t, bo, "chat/message/room_list_and_unread", nil).Messages
		if got := len(unread); got != messages/2+2 { // the room's beginning, and the newest, which is read
			t.Errorf("%d are shown, want %d", got, messages/2+2)
		}
		for _, m := range unread {
			if m.IsRead != slices.Contains(second, m.MessageID) {
				t.Errorf("%s is read: %t", m.MessageID, m.IsRead)
			}
		}
		read(bo, all, messages/2)
		read(bo, all, 0)
	})
}
