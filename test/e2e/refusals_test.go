package e2e

import (
	"slices"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/test/env/servertest"
)

// TestWhereOneWrites: the call by HTTP says what is wrong with a room; on the socket the
// same message comes back, or does not.
func TestWhereOneWrites(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "cy", "1")
		mine, theirs, deleted, former := newGroup(t, ana, "Mine", bo), newGroup(t, bo, "Theirs", cy),
			newGroup(t, ana, "Deleted", bo), newGroup(t, bo, "Former", ana)
		ana.Call(t, "client/room/delete", obj{"roomID": deleted, "checksum": checksum(ana, deleted)}, nil)
		ana.Call(t, "client/room/leave", obj{"roomID": former}, nil)
		var locked roomAnswer
		a.Must(t, "room/create_or_update", obj{
			"xcRoomID": "l", "type": 4, "name": "L", "participantXCUserIDs": list{"ana", "bo"},
		}, &locked)
		a.Must(t, "room/lock", obj{"xcRoomID": "l", "xcUserID": "bo"}, nil)
		tests := []struct{ name, room, recipient, code string }{
			{"a group", mine, "", ""},
			{"a personal room to come", pairOf(ana, cy), "", ""},
			{"the same again", pairOf(ana, cy), "", ""},
			{"a user instead of the room", "", bo.UserID, ""},
			{"oneself", "", ana.UserID, ""},
			{"saved messages", pairOf(ana, ana), "", ""},
			{"the room counts, not the user", mine, "999999", ""},
			{"others' group", theirs, "", "40301"},
			{"a group that one has left", former, "", "40301"},
			{"a deleted group", deleted, "", "40401"},
			{"a locked room", locked.Room.RoomID, "", "40301"},
			{"others' personal room", pairOf(bo, cy), "", "40401"},
			{"others' saved messages", pairOf(bo, bo), "", "40401"},
			{"a user whom there is not", ana.UserID + "-999999", "", "40401"},
			{"the same by the user's id", "", "999999", "40401"},
			{"the ids the other way round", pairOf(cy, ana), "", "40401"},
			{"a room that there is not", "g999999", "", "40401"},
			{"another kind of room", "g" + locked.Room.RoomID[1:], "", "40401"},
			{"no id of a room", "here", "", "40401"},
			{"no id of a user", "", "x", "40002"},
			{"nowhere", "", "", "40002"},
		}
		waiting, refused := map[string]bool{}, map[string]bool{}
		for _, tt := range tests {
			local := localID(t)
			answer := ana.Try(t, "chat/message/send/custom", obj{
				"roomID": tt.room, "recipientUserID": tt.recipient, "localID": local, "messageType": 1001, "body": "hi",
			})
			checkDevice(t, "chat/message/send/custom", answer)
			if answer.Error.Code != tt.code {
				t.Errorf("%s: %s, want code %q", tt.name, answer.Body, tt.code)
			}
			to := map[bool]map[string]bool{true: waiting, false: refused}[tt.code == ""]
			to[local] = true
			if tt.recipient == "" {
				to[ana.Send(t, tt.room, "hi")] = true
			}
		}
		check := func(e servertest.Event) bool {
			if refused[e.Message.LocalID] {
				t.Errorf("refused, and yet it comes: %+v", e.Message)
			}
			delete(waiting, e.Message.LocalID)
			return len(waiting) == 0
		}
		ana.Next(t, "all that was taken", check)
		for _, e := range until(t, ana, ana.Send(t, mine, "a mark")) {
			check(e)
		}
		for _, room := range []string{theirs, former, pairOf(bo, bo), pairOf(bo, cy), locked.Room.RoomID} {
			if got := history(t, bo, room); len(got) > 0 {
				t.Errorf("%s holds %+v", room, got)
			}
		}
	})
}

// TestFirstMessageMakesRoom: a personal room is there from its first message on, for both,
// and each sees the other's name on it; somebody's own room has that one's.
func TestFirstMessageMakesRoom(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		pair, own := pairOf(ana, bo), pairOf(ana, ana)
		if answer := bo.Try(t, "client/room/get", obj{"roomID": pair}); answer.Error.Code != "40401" {
			t.Errorf("before: %s", answer.Body)
		}
		for _, path := range []string{"before", "after"} {
			if got := listMessages(t, bo, "chat/message/list_by_room/"+path, obj{"roomID": pair}); len(got.Messages) > 0 ||
				got.HasMore {
				t.Errorf("before: %+v", got)
			}
		}
		bo.Send(t, pair, "hello")
		for d, name := range map[*servertest.Device]string{ana: "Name of bo", bo: "Name of ana"} {
			m := d.NextMessage(t)
			var got struct {
				Room         room
				Participants []participant
			}
			d.Call(t, "client/room/get", obj{"roomID": pair}, &got)
			if m.Room.RoomID != pair || m.Room.Name != name || m.RecipientID != ana.UserID || m.IsRead ||
				got.Room.Name != name || got.Room.Type != 1 || len(got.Participants) != 2 {
				t.Errorf("%s sees %+v, room %+v", d.UserID, m, got)
			}
			if rooms := deviceRooms(t, d); !slices.Equal(rooms, []string{pair}) {
				t.Errorf("%s's rooms are %q", d.UserID, rooms)
			}
		}
		ana.Send(t, own, "to myself")
		m := ana.NextMessage(t)
		if m.Room.RoomID != own || m.Room.Name != "Name of ana" || m.RecipientID != ana.UserID || !m.IsRead ||
			!m.IsDelivered {
			t.Errorf("in her own room ana sees %+v", m)
		}
		if shown := history(t, ana, own)[0]; !shown.IsRead || !shown.IsDelivered || unreadOf(t, a, "ana", own) != 0 {
			t.Errorf("and later %+v, %d unread", shown, unreadOf(t, a, "ana", own))
		}
	})
}

// TestFaultsOfMessages: an error about a message that an app sends by a call names the parameter as
// the call has it.
func TestFaultsOfMessages(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		for field, wrong := range map[string]any{
			"messageType": 9001, "localID": "short", "data": "no JSON", "body": strings.Repeat("x", chat.MaxBody),
		} {
			body := obj{"recipientUserID": bo.UserID, "localID": localID(t), "messageType": 1002, "body": "hi", "data": "{}"}
			body[field] = wrong
			answer := ana.Try(t, "chat/message/send/custom", body)
			if answer.Error.Field != field {
				t.Errorf("%s: %s", field, answer.Body)
			}
		}
	})
}
