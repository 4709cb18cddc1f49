package server_test

import (
	"testing"

	"parlor/internal/pgtest"
	"parlor/internal/server/servertest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestFirstRoom(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		s.OK(t, "user/update", `{"xcUserID":"u1","fullName":"Ann","userRoleCode":"agent:1"}`, nil)
		s.OK(t, "user/update", `{"xcUserID":"u2","fullName":"Bob","username":"Bob"}`, nil)
		s.OK(t, "room/create_or_update", `{"xcRoomID":"o1","type":2,"name":"Order","participantXCUserIDs":["u2"],"participantUserRoles":["agent:1"],"tags":["a"]}`, nil)
		s.OK(t, "message/send/custom", `{"messageType":1001,"body":"hi","senderXCUserID":"u2","xcRoomID":"o1","quote":{"title":"x","content":"y"}}`, nil)
		s.OK(t, "message/send/custom", `{"messageType":1001,"body":"hi","senderXCUserID":"u2","recipientXCUserID":"u1"}`, nil)
		s.OK(t, "room/lock", `{"xcRoomID":"o1","xcUserID":"u1"}`, nil)
		s.OK(t, "contact/sync", `{"contacts":[{"ownerXCUserID":"u1","contactXCUserID":"u2"}]}`, nil)
		s.OK(t, "role/create_or_update", `{"code":"agent:1","name":"Agents"}`, nil)
		s.OK(t, "role/list", ``, nil)
		s.OK(t, "room/participants/remove", `{"xcRoomID":"o1","participantXCUserIDs":["u2"]}`, nil)
		s.OK(t, "room/participants/add", `{"xcRoomID":"o1","participantXCUserIDs":["u2","u1"]}`, nil)
		var list struct{ Rooms []struct{ UnreadCount int } }
		s.OK(t, "room/get_list_by_user", `{"xcUserID":"u1"}`, &list)
		if len(list.Rooms) != 2 || list.Rooms[0].UnreadCount != 4 || list.Rooms[1].UnreadCount != 1 {
			t.Errorf("rooms: %+v", list)
		}
	})
}
