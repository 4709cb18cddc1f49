package e2e

import (
	"fmt"
	"testing"

	"parlor/test/env/servertest"
)

// TestNothingIsPassedOver: more was said and deleted while a device was away than goes into
// one answer. It asks once, as SDKs do: the rest follows over its socket, and goes on with the
// next one if that breaks.
func TestNothingIsPassedOver(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		pair := pairOf(ana, bo)
		say := func(n int) (sent []servertest.Message) {
			t.Helper()
			for i := range n {
				a.Must(t, "message/send/custom", obj{
					"messageType": 1001, "senderXCUserID": "ana", "recipientXCUserID": "bo", "body": fmt.Sprint(i),
				}, nil)
				sent = append(sent, ana.NextMessage(t))
			}
			return sent
		}
		old := say(100)
		listMessages(t, bo, "chat/message/room_list_and_unread", nil)
		want := map[string]bool{} // whether a message was deleted
		ids := list{}
		for _, m := range old {
			ids = append(ids, m.MessageID)
			want[m.LocalID] = true
		}
		ana.Call(t, "chat/message/delete", obj{"roomID": pair, "messageIDs": ids, "forEveryone": true}, nil)
		for _, m := range say(1500) {
			want[m.LocalID] = false
		}
		has := map[string]bool{}
		take := func(m servertest.Message) {
			if deleted, ok := want[m.LocalID]; !ok || m.IsDeleted != deleted {
				t.Fatalf("%s is there, deleted: %t", m.LocalID, m.IsDeleted)
			}
			has[m.LocalID] = true
		}
		bo.Connect(t)
		for _, m := range catchUp(t, bo) {
			take(m)
		}
		first := len(has)
		for range 150 { // a chunk and a half
			take(bo.Next(t, "the rest", isMessage).Message)
		}
		bo.Disconnect()
		for _, e := range bo.Rest(t) {
			if isMessage(e) {
				take(e.Message)
			}
		}
		bo.Connect(t)
		for _, m := range catchUp(t, bo) {
			take(m)
		}
		for len(has) < len(want) {
			take(bo.Next(t, fmt.Sprintf("the rest of %d messages, of which there are %d", len(want), len(has)),
				isMessage).Message)
		}
		if first == len(want) {
			t.Error("all went into one answer, so nothing was looked at")
		}
	})
}

func isMessage(e servertest.Event) bool {
	return e.EventName == "chat/sendMessage" || e.EventName == "chat/updateMessage"
}
