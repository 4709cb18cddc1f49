package e2e

import (
	"testing"

	"parlor/test/env/servertest"
)

// TestGoneStaysGone: a user who deleted a message for themselves, or cleared the chat, gets no
// more updates of it: they would bring it back onto the screen.
func TestGoneStaysGone(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t),
			a.SignIn(t, "cy", "c1").Connect(t)
		var group roomAnswer
		ana.Call(t, "client/room/create", map[string]any{
			"name": "G", "type": 2, "userIDs": []string{bo.UserID, cy.UserID},
		}, &group)
		room := group.Room.RoomID
		local := ana.Send(t, room, "one")
		got := bo.NextMessage(t)
		bo.Call(t, "chat/message/delete", map[string]any{
			"roomID": room, "messageIDs": []string{got.MessageID}, "forEveryone": false,
		}, nil)
		if m := bo.NextUpdate(t); !m.IsDeleted || m.LocalID != local {
			t.Fatalf("bo's deletion: %+v", m)
		}
		cy.Call(t, "client/room/clear_chat", map[string]any{"roomIDs": []string{room}}, nil)
		cy.Next(t, "room/clearChat", func(e servertest.Event) bool { return e.EventName == "room/clearChat" })

		for _, d := range []*servertest.Device{bo, cy} {
			d.Call(t, "chat/message/feedback/read", map[string]any{"messageIDs": []string{got.MessageID}}, nil)
		}
		edit := servertest.Draft(t, room, local, "one, edited")
		edit["messageID"] = got.MessageID
		ana.Emit(t, "chat/updateMessage", edit)
		ana.Next(t, "the edit", func(e servertest.Event) bool {
			return e.EventName == "chat/updateMessage" && e.Message.LocalID == local && e.Message.Text(t) == "one, edited"
		})
		last := ana.Send(t, room, "two") // events of one room keep their order
		for _, d := range []*servertest.Device{bo, cy} {
			d.Next(t, "the next message, and nothing of the one that is gone", func(e servertest.Event) bool {
				if e.Message.LocalID == local && e.EventName == "chat/updateMessage" && !e.Message.IsDeleted {
					t.Errorf("%s hears of it again", d.UserID)
				}
				return e.EventName == "chat/sendMessage" && e.Message.LocalID == last
			})
		}
	})
}
