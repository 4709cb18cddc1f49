package e2e

import (
	"fmt"
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

func TestRoomNotFound(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		made := putRoom(t, s, "r", nil)
		do(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "x", "senderXCUserID": "a", "recipientXCUserID": "b",
		})
		personal := listRooms(t, s, "a")[0].LastMessage.Room.RoomID
		// Neither Parlor's ids nor another spelling are the customer's id.
		for _, xc := range []string{"none", "R", "r ", made.Room.RoomID, personal, "g1", "%", "_"} {
			refuse(t, s, "room/get", obj{"xcRoomID": xc}, roomNotFound)
			refuse(t, s, "room/participants/add", obj{"xcRoomID": xc, "participantXCUserIDs": list{"a"}}, roomNotFound)
			refuse(t, s, "room/participants/remove", obj{"xcRoomID": xc, "participantXCUserIDs": list{"a"}}, roomNotFound)
			refuse(t, s, "room/lock", obj{"xcRoomID": xc, "xcUserID": "a"}, roomNotFound)
			refuse(t, s, "room/unlock", obj{"xcRoomID": xc, "xcUserID": "a"}, roomNotFound)
		}
		// Parameters come before existence.
		refuse(t, s, "room/get", obj{"xcRoomID": "none", "participantsOffset": -1},
			invalid("participantsOffset", "participantsOffset", "must be 0 to 100000000"))
		refuse(t, s, "room/participants/add", obj{"xcRoomID": "none"}, required("participantXCUserIDs", "107"))
		refuse(t, s, "room/participants/remove", obj{"xcRoomID": "none", "participantXCUserIDs": list{}},
			required("participantXCUserIDs", "107"))
		refuse(t, s, "room/lock", obj{"xcRoomID": "none"}, required("xcUserID", "xcUserID"))
		refuse(t, s, "room/unlock", obj{"xcRoomID": "none"}, required("xcUserID", "xcUserID"))
		// A room that does not exist comes before a user who does not.
		refuse(t, s, "room/lock", obj{"xcRoomID": "none", "xcUserID": "nobody"}, roomNotFound)
		refuse(t, s, "room/unlock", obj{"xcRoomID": "none", "xcUserID": "nobody"}, roomNotFound)
	})
}

// TestParticipantOrder: those put there by name come first, in the order they joined,
// then those whom a role holds, in the order of their userIDs. Pages cut that list.
func TestParticipantOrder(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUser(t, s, "agent1", obj{"userRoleCode": "agent"})
		putUsers(t, s, "z", "y", "x")
		putUser(t, s, "boss", obj{"userRoleCode": "boss"})
		putUser(t, s, "agent2", obj{"userRoleCode": "agent"})
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"y", "agent2"}, "participantUserRoles": list{"boss", "agent"}})
		do(t, s, "room/participants/add", obj{"xcRoomID": "r", "participantXCUserIDs": list{"z", "x", "y"}})
		all := []string{"y", "agent2", "z", "x", "agent1", "boss"}

		if got := getRoom(t, s, "r"); !slices.Equal(xcUserIDs(got.Participants), all) || got.ParticipantsTotal != 6 {
			t.Errorf("participants %q of %d", xcUserIDs(got.Participants), got.ParticipantsTotal)
		}
		for _, tt := range []struct {
			limit, offset int
		}{{1, 0}, {2, 0}, {2, 2}, {3, 3}, {6, 0}, {7, 0}, {10000, 1}, {2, 5}, {2, 6}, {1, 100000000}} {
			got := ask[roomData](t, s, "room/get", obj{
				"xcRoomID": "r", "participantsLimit": tt.limit, "participantsOffset": tt.offset,
			})
			from := min(tt.offset, len(all))
			want := all[from:min(from+tt.limit, len(all))]
			if !slices.Equal(xcUserIDs(got.Participants), want) || got.ParticipantsTotal != 6 {
				t.Errorf("%+v: %q of %d, want %q", tt, xcUserIDs(got.Participants), got.ParticipantsTotal, want)
			}
		}
		// Leaving and coming back is joining anew.
		do(t, s, "room/participants/remove", obj{"xcRoomID": "r", "participantXCUserIDs": list{"y"}})
		got := ask[roomData](t, s, "room/participants/add", obj{"xcRoomID": "r", "participantXCUserIDs": list{"y"}})
		if ids := xcUserIDs(got.Participants); !slices.Equal(ids, []string{"agent2", "z", "x", "y", "agent1", "boss"}) {
			t.Errorf("after coming back: %q", ids)
		}
	})
}

func TestPagingLimits(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", nil)
		for _, tt := range []struct {
			path   string
			body   obj
			name   string
			low    int
			high   int
			others []any
		}{
			{"room/get", obj{"xcRoomID": "r"}, "participantsLimit", 1, 10000, list{"1", 1.5, true}},
			{"room/get", obj{"xcRoomID": "r"}, "participantsOffset", 0, 100000000, list{"0", list{}}},
			{"room/get_list_by_user", obj{"xcUserID": "a"}, "limit", 1, 10000, list{"1", obj{}}},
			{"room/get_list_by_user", obj{"xcUserID": "a"}, "offset", 0, 100000000, list{"0", 0.5}},
			{"role/list", obj{}, "limit", 1, 1000, list{"1"}},
		} {
			for _, ok := range []any{nil, tt.low, tt.high} {
				tt.body[tt.name] = ok
				do(t, s, tt.path, tt.body)
			}
			for _, bad := range []int{tt.low - 1, tt.high + 1, -1 << 31} {
				tt.body[tt.name] = bad
				refuse(t, s, tt.path, tt.body, invalid(tt.name, tt.name, fmt.Sprintf("must be %d to %d", tt.low, tt.high)))
			}
			for _, bad := range tt.others {
				tt.body[tt.name] = bad
				refuse(t, s, tt.path, tt.body, invalid(tt.name, tt.name, "must be a whole number"))
			}
		}
	})
}
