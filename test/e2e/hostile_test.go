package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

// TestHostileFrames sends what no SDK sends. Nothing of it closes the socket, nobody else
// sees any of it, and what is right is still taken.
func TestHostileFrames(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		pair := ana.UserID + "-" + bo.UserID
		body, err := cipher.Seal("x", strings.Repeat("l", 32))
		if err != nil {
			t.Fatal(err)
		}
		wrong := []any{nil, true, -1, 1e300, "", "text", []any{}, []any{map[string]any{}}, map[string]any{}}
		for _, w := range wrong {
			ana.Emit(t, "chat/sendMessage", w)
			ana.Emit(t, "chat/updateMessage", w)
			ana.Emit(t, "chat/startTyping", w)
			ana.Emit(t, "chat/stopTyping", map[string]any{"roomID": w, "user": w})
			for _, key := range []string{"localID", "type", "body", "data", "room", "quote", "replyTo", "forwardFrom"} {
				draft := servertest.Draft(t, pair+"0", cipher.NewLocalID(), "never") // to nobody's room
				draft[key] = w
				ana.Emit(t, "chat/sendMessage", draft)
			}
		}
		for name, draft := range map[string]map[string]any{
			"a reserved type":      {"type": 9001, "localID": cipher.NewLocalID()},
			"plain text":           {"body": "not enciphered"},
			"a short localID":      {"localID": "short", "body": body},
			"another's room":       {"room": map[string]any{"roomID": bo.UserID + "-" + bo.UserID}},
			"ids in wrong order":   {"room": map[string]any{"roomID": bo.UserID + "-" + ana.UserID}},
			"leading zeros":        {"room": map[string]any{"roomID": "0" + pair}},
			"data that is no JSON": {"data": "neither cipher nor JSON"},
		} {
			d := servertest.Draft(t, pair, cipher.NewLocalID(), name)
			for key, v := range draft {
				d[key] = v
			}
			ana.Emit(t, "chat/sendMessage", d)
		}
		for _, frame := range []string{
			"", "{", "null", "[]", `"x"`, `{"eventName":1}`, `{"eventName":"user/authentication","data":{}}`, "\x00\xff",
		} {
			ana.EmitRaw(t, frame)
		}
		local := ana.Send(t, pair, "all the same")
		if m := bo.NextMessage(t); m.LocalID != local || m.Text(t) != "all the same" {
			t.Errorf("bo got %q of %s", m.Text(t), m.LocalID)
		}
		if m := ana.NextMessage(t); m.LocalID != local {
			t.Errorf("ana's echo is that of %s", m.LocalID)
		}
	})
}

// TestSlowReader: a device that does not read is cut off once it is far behind, and keeps
// nobody waiting. It finds everything by asking.
func TestSlowReader(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		slow := a.SignIn(t, "slow", "s1")
		slow.ConnectDeaf(t)
		var group roomAnswer
		ana.Call(t, "client/room/create", map[string]any{
			"name": "G", "type": 2, "userIDs": []string{bo.UserID, slow.UserID},
		}, &group)
		long := strings.Repeat("long ", 790)
		const n = 1500 // frames of 7 kB: more than a socket and its queue hold
		var sending sync.WaitGroup
		defer sending.Wait() // bo may have a message before its sender is answered
		sending.Go(func() {
			for i := range n { // by the backend, since a device would be paced
				a.Must(t, "message/send/custom", map[string]any{
					"messageType": 1001, "senderXCUserID": "ana", "roomID": group.Room.RoomID, "body": fmt.Sprint(i, " ", long),
				}, nil)
			}
		})
		for i := range n {
			if m := bo.NextMessage(t); !strings.HasPrefix(m.Text(t), fmt.Sprint(i, " ")) {
				t.Fatalf("message %d is %.20q", i, m.Text(t))
			}
		}
		var page struct{ Messages []servertest.Message }
		slow.Call(t, "chat/message/list_by_room/before", map[string]any{"roomID": group.Room.RoomID, "limit": 1}, &page)
		if len(page.Messages) != 1 || !strings.HasPrefix(page.Messages[0].Text(t), fmt.Sprint(n-1, " ")) {
			t.Errorf("the slow one is told %d messages", len(page.Messages))
		}
	})
}

// TestTooLargeFrame ends the connection of the sender, and no other.
func TestTooLargeFrame(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		other := a.SignIn(t, "ana", "a2").Connect(t)
		ana.EmitRaw(t, strings.Repeat("x", 1<<20)) // as large as may be, and nonsense
		ana.EmitRaw(t, strings.Repeat("x", 1<<20+1))
		<-ana.Closed()
		local := other.Send(t, ana.UserID+"-"+bo.UserID, "still here")
		if m := bo.NextMessage(t); m.LocalID != local {
			t.Errorf("bo got %+v", m)
		}
	})
}

// TestLockedRoomAnswersItsSender: a message to a locked room is dropped, and its sender is
// shown the room as it is, so that the composer closes.
func TestLockedRoomAnswersItsSender(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "a1").Connect(t)
		var made roomAnswer
		a.Must(t, "room/create_or_update", map[string]any{
			"xcRoomID": "l", "type": 2, "name": "L", "participantXCUserIDs": []string{"ana"},
		}, &made)
		a.Must(t, "room/lock", map[string]any{"xcRoomID": "l", "xcUserID": "ana"}, nil)
		locked := ana.Next(t, "the lock", func(e servertest.Event) bool { return e.Message.Action == "room/update" })
		if !locked.Message.Room.IsLocked {
			t.Error("the message of the lock shows the room open")
		}
		ana.Send(t, made.Room.RoomID, "too late")
		if m := ana.NextUpdate(t); !m.Room.IsLocked || m.Room.RoomID != made.Room.RoomID {
			t.Errorf("the sender is shown %+v", m.Room)
		}
		a.Must(t, "room/unlock", map[string]any{"xcRoomID": "l", "xcUserID": "ana"}, nil)
		local := ana.Send(t, made.Room.RoomID, "again")
		if m := ana.NextMessage(t); m.LocalID != local {
			t.Errorf("after the lock: %+v", m)
		}
	})
}
