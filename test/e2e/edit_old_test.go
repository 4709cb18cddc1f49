package e2e

import (
	"testing"

	"parlor/internal/server"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// TestOldMessagesAreEdited: a message is edited and deleted by its id when its localID is free
// again; by a localID that is free nothing is.
func TestOldMessagesAreEdited(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		local := ana.Send(t, room, "old")
		m := ana.NextMessage(t)
		// As after the time for which a localID stays taken.
		storetest.Exec(t, server.StoreOptions(a.Config), "DELETE FROM local_ids")

		edit := servertest.Draft(t, room, local, "new")
		ana.Emit(t, "chat/updateMessage", edit)
		edit["messageID"] = "1"
		ana.Emit(t, "chat/updateMessage", edit)
		if list := heard(t, ana); len(list) > 0 {
			t.Errorf("an edit of nobody's message shows %+v", list)
		}
		edit["messageID"] = m.MessageID
		other := servertest.Draft(t, room, localID(t), "other")
		other["messageID"] = m.MessageID
		ana.Emit(t, "chat/updateMessage", other) // of another key: nobody could read it
		ana.Emit(t, "chat/updateMessage", edit)
		if got := ana.NextUpdate(t); got.MessageID != m.MessageID || got.Text(t) != "new" || !got.IsMessageEdited {
			t.Errorf("edited: %q %+v", got.Text(t), got)
		}
		ana.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{m.MessageID}, "forEveryone": true}, nil)
		if got := ana.NextUpdate(t); got.MessageID != m.MessageID || !got.IsDeleted {
			t.Errorf("deleted: %+v", got)
		}
	})
}
