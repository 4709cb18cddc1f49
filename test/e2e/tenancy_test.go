package e2e

import (
	"fmt"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestAppsNeverMeet puts the same ids into two Apps and lets one of them call everything,
// by the customer's ids and by the other App's numbers: the other one sees nothing of it.
func TestAppsNeverMeet(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		theirs := getRoom(t, s, "r")
		ana, theirRoom := theirs.Participants[0].UserID, theirs.Room.RoomID
		bo := theirs.Participants[1].UserID
		do(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "hi", "senderXCUserID": "a", "recipientXCUserID": "b",
		})
		putRoom(t, s, "fresh", obj{"participantXCUserIDs": list{"a"}})
		app := last(t, s, "a", "fresh").User.UserID
		k := newKey(t, s, s.Name+" second")

		// Nothing of the first App is there for the second.
		ask := func(path string, body any) servertest.Answer { return callKey(t, s, k, path, body) }
		unchanged(t, s, func() {
			for _, path := range []string{
				"room/get", "room/participants/add", "room/participants/remove", "room/lock", "room/unlock",
			} {
				a := ask(path, obj{"xcRoomID": "r", "xcUserID": "a", "participantXCUserIDs": list{"a"}})
				checkFailure(t, a, roomNotFound)
				a = ask(path, obj{"roomID": theirRoom, "xcUserID": "a", "participantXCUserIDs": list{"a"}})
				checkFailure(t, a, roomNotFound)
			}
			if a := ask("room/get_list_by_user", obj{"xcUserID": "a"}); string(a.Data) != `{"rooms":[],"hasMore":false}` {
				t.Errorf("their rooms: %s", a.Body)
			}
			if a := ask("role/list", obj{}); string(a.Data) != `{"roles":[],"hasMore":false}` {
				t.Errorf("their roles: %s", a.Body)
			}
			if a := ask("contact/sync", obj{"contacts": list{obj{
				"ownerXCUserID": "a", "contactXCUserID": "b", "isDeleted": true,
			}}}); string(a.Data) != `{"countInserted":0,"countDeleted":0}` {
				t.Errorf("their contacts: %s", a.Body)
			}
		})

		// Now it has the same ids, for other users and rooms.
		unchanged(t, s, func() {
			mine := askKey[struct {
				UserID string
			}](t, s, k, "user/update", obj{
				"xcUserID": "a", "fullName": "Second a", "username": "u", "userRoleCode": "agent",
			}).UserID
			if mine == ana {
				t.Fatal("the Apps share a user")
			}
			made := askKey[roomData](t, s, k, "room/create_or_update", obj{
				"xcRoomID": "r", "type": 4, "name": "Second r", "participantXCUserIDs": list{"b"},
				"participantUserRoles": list{"agent"},
			})
			// b is unknown here, and only this App's agents are in.
			if made.Room.RoomID == theirRoom || fmt.Sprint(xcUserIDs(made.Participants), made.SkippedXCUserIDs) != "[a] [b]" ||
				made.Participants[0].UserID != mine {
				t.Errorf("room %+v", made)
			}
			askKey[obj](t, s, k, "user/update", obj{"xcUserID": "b", "fullName": "Second b"})
			askKey[obj](t, s, k, "room/participants/add", obj{"xcRoomID": "r", "participantXCUserIDs": list{"b", "stranger"}})
			askKey[obj](t, s, k, "role/create_or_update", obj{"code": "agent", "name": "Second agent", "iconURL": "i"})
			askKey[obj](t, s, k, "room/lock", obj{"xcRoomID": "r", "xcUserID": "b"})
			askKey[obj](t, s, k, "contact/sync", obj{"contacts": list{obj{"ownerXCUserID": "a", "contactXCUserID": "b"}}})
			// The same localID is another message.
			if got := askKey[sent](t, s, k, "message/send/custom", obj{
				"messageType": 1001, "body": "second", "senderXCUserID": "b", "xcRoomID": "r", "localID": sentBefore,
			}); got.LocalID != sentBefore {
				t.Errorf("sent %+v", got)
			}
			askKey[obj](t, s, k, "room/participants/remove", obj{"xcRoomID": "r", "participantXCUserIDs": list{"b"}})

			// The other App's numbers name nobody and nothing.
			send := func(names obj) servertest.Answer {
				names["messageType"], names["body"] = 1001, "hi"
				return ask("message/send/custom", names)
			}
			checkFailure(t, send(obj{"senderUserID": ana, "xcRoomID": "r"}), userNotFound)
			for _, user := range []string{ana, bo, app} {
				checkFailure(t, send(obj{"senderXCUserID": "a", "recipientUserID": user}), userNotFound)
			}
			for _, room := range []string{
				theirRoom, strings.Replace(theirRoom, "g", "t", 1), ana + "-" + bo, ana + "-" + mine, ana + "-" + ana,
			} {
				checkFailure(t, send(obj{"senderXCUserID": "a", "roomID": room}), roomNotFound)
			}
			rooms := askKey[roomList](t, s, k, "room/get_list_by_user", obj{"xcUserID": "a"}).Rooms
			if len(rooms) != 1 {
				t.Fatalf("rooms %q", xcRoomIDs(rooms))
			}
			if m := rooms[0].LastMessage; m.Room.Name != "Second r" || m.Room.RoomID != made.Room.RoomID ||
				m.User.Fullname != s.Name+" second" {
				t.Errorf("list %+v", rooms[0])
			}
			if got := askKey[roomData](t, s, k, "room/get", obj{"xcRoomID": "r"}).Participants; len(got) != 1 ||
				got[0].UserRole != (role{"agent", "Second agent", "i"}) {
				t.Errorf("participants %+v", got)
			}
		})

		// Usernames are an App's own, too.
		putUser(t, s, "a", obj{"username": "u"})
		// And the first App sees nothing of the second.
		mine := askKey[roomData](t, s, k, "room/get", obj{"xcRoomID": "r"})
		for _, target := range []obj{{"recipientUserID": mine.Participants[0].UserID}, {"roomID": mine.Room.RoomID}} {
			target["messageType"], target["body"], target["senderXCUserID"] = 1001, "hi", "a"
			if a := call(t, s, "message/send/custom", target); a.Error.Code != "40401" {
				t.Errorf("%v: %s", target, a.Body)
			}
		}
	})
}
