package e2e

import (
	"testing"

	"parlor/test/env/servertest"
)

type roomAnswer struct {
	Room         struct{ RoomID, Name string }
	Participants []struct{ UserID string }
	AdminUserIDs []string
}

// TestTwoPeopleChat is the core of the promise: a group, messages both ways, receipts.
func TestTwoPeopleChat(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		var group roomAnswer
		ana.Call(t, "client/room/create", map[string]any{
			"name": "Group", "type": 2, "userIDs": []string{bo.UserID, "0", "g7"},
		}, &group)
		if len(group.Participants) != 2 || len(group.AdminUserIDs) != 1 || group.AdminUserIDs[0] != ana.UserID {
			t.Fatalf("group: %+v", group)
		}
		created := bo.Next(t, "room/create", func(e servertest.Event) bool { return e.Message.Action == "room/create" })
		if created.Message.Room.Name != "Group" {
			t.Errorf("the room's first message shows %+v", created.Message.Room)
		}
		local := ana.Send(t, group.Room.RoomID, "hello")
		echo, got := ana.NextMessage(t), bo.NextMessage(t)
		if echo.LocalID != local || got.LocalID != local || got.Text(t) != "hello" || got.IsSending || got.MessageID == "0" {
			t.Errorf("echo %+v, message %+v", echo, got)
		}
		bo.Call(t, "chat/message/feedback/read", map[string]any{"messageIDs": []string{got.MessageID, "0"}}, nil)
		if m := ana.NextUpdate(t); !m.IsRead || !m.IsDelivered || m.LocalID != local {
			t.Errorf("the sender's receipt: %+v", m)
		}
		if m := bo.NextUpdate(t); !m.IsRead || m.LocalID != local {
			t.Errorf("the reader's receipt: %+v", m)
		}
	})
}
