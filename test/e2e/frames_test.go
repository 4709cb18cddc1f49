package e2e

import (
	"encoding/json"
	"reflect"
	"testing"

	"parlor/test/env/servertest"
)

// TestFramesEqualLists: what comes by the socket is, key by key, what the lists show, which
// other tests hold to the description: SDKs stop at a frame that lacks something.
func TestFramesEqualLists(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		room, pair := newGroup(t, ana, "Group", bo), pairOf(ana, bo)
		check := func(what, in, action string) servertest.Message {
			t.Helper()
			e := bo.Next(t, what, func(e servertest.Event) bool {
				return e.Message.Room.RoomID == in && (e.Message.Action == action || e.EventName == action)
			})
			var page struct{ Messages []obj }
			path := "chat/message/list_by_room/before"
			answer := bo.Try(t, path, obj{"roomID": in, "maxCreated": e.Message.Created + 1, "limit": 1})
			checkDevice(t, path, answer)
			var shown obj
			if err := json.Unmarshal(answer.Data, &page); err != nil || len(page.Messages) != 1 {
				t.Fatalf("%v: %s", err, answer.Body)
			}
			if err := json.Unmarshal(e.Data, &shown); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(shown, page.Messages[0]) {
				t.Errorf("%s: comes as\n%s\nand is in the list as\n%v", what, e.Data, page.Messages[0])
			}
			if _, deleted := shown["user"].(obj)["deleted"]; deleted {
				t.Errorf("%s: the sender has deleted, which SDKs take for a closed account", what)
			}
			return e.Message
		}
		check("a system message", room, "room/create")
		ana.Send(t, pair, "text")
		m := check("a personal message", pair, "")
		ana.Emit(t, "chat/updateMessage", servertest.Draft(t, pair, m.LocalID, "edited"))
		check("an edit", pair, "chat/updateMessage")
		bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{m.MessageID}}, nil)
		check("a receipt", pair, "chat/updateMessage")
		ana.Call(t, "chat/message/delete", obj{"roomID": pair, "messageIDs": list{m.MessageID}, "forEveryone": true}, nil)
		check("a deletion", pair, "chat/updateMessage")
		ana.Send(t, room, "text")
		m = check("a message of a group", room, "")
		ana.Call(t, "chat/message/pin", obj{"roomID": room, "messageIDs": list{m.MessageID}}, nil)
		check("a pin", room, "message/pin")
		bo.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{m.MessageID}, "forEveryone": false}, nil)
		bo.Next(t, "the receipt or the deletion", func(e servertest.Event) bool { return e.Message.IsDeleted })
		ana.Call(t, "client/room/participants/remove", obj{"roomID": room, "userIDs": list{bo.UserID}}, nil)
		check("a removal", room, "room/removeParticipant")
	})
}
