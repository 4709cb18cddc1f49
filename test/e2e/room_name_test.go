package e2e

import (
	"testing"

	"parlor/test/env/servertest"
)

// TestRoomsByRoomID: the calls that are the protocol's own know rooms that apps have made, too, by their roomID. Beside an
// xcRoomID it does not count.
func TestRoomsByRoomID(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "a"), s.SignIn(t, "bo", "b")
		var group roomData
		ana.Call(t, "client/room/create", obj{"name": "Trip", "type": 2, "userIDs": list{bo.UserID}}, &group)
		putRoom(t, s, "r", obj{})
		id, pair := group.Room.RoomID, pairOf(ana, bo)
		do(t, s, "message/send/custom", obj{"messageType": 1001, "body": "hi", "senderXCUserID": "ana", "recipientXCUserID": "bo"})

		people := func(path, room string) int {
			return ask[roomData](t, s, path, obj{"roomID": room, "participantXCUserIDs": list{"bo"}}).ParticipantsTotal
		}
		for _, tt := range []struct {
			path, room string
			want       int
		}{
			{"room/get", id, 2},
			{"room/participants/remove", id, 1},
			{"room/participants/add", id, 2},
			{"room/get", pair, 2},
		} {
			if got := people(tt.path, tt.room); got != tt.want {
				t.Errorf("%s of %s: %d people, want %d", tt.path, tt.room, got, tt.want)
			}
		}
		if got := ask[result](t, s, "room/lock", obj{"roomID": id, "xcUserID": "bo"}); got != locked {
			t.Errorf("lock: %+v", got)
		}
		if got := ask[result](t, s, "room/unlock", obj{"roomID": id, "xcUserID": "bo"}); got != unlocked {
			t.Errorf("unlock: %+v", got)
		}
		if got := ask[roomData](t, s, "room/get", obj{"xcRoomID": "r", "roomID": id}).Room; got.XCRoomID != "r" {
			t.Errorf("by both ids: %+v", got)
		}
		forbidden := failure{"40301", "A personal room cannot be changed", ""}
		for _, path := range []string{"room/lock", "room/unlock", "room/participants/add", "room/participants/remove"} {
			refuse(t, s, path, obj{"roomID": pair, "xcUserID": "bo", "participantXCUserIDs": list{"bo"}}, forbidden)
		}
		do(t, s, "room/delete", obj{"roomID": id})
		for _, path := range []string{"room/get", "room/lock", "room/participants/add"} {
			for _, room := range []string{id, "g999999", "x"} {
				refuse(t, s, path, obj{"roomID": room, "xcUserID": "bo", "participantXCUserIDs": list{"bo"}}, roomNotFound)
			}
		}
	})
}
