package e2e

import (
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// TestRoomListOrder: the room with the newest message that shows comes first.
func TestRoomListOrder(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		putUsers(t, s, "a", "b")
		check := func(when string, want ...string) {
			t.Helper()
			if got := xcRoomIDs(listRooms(t, s, "a")); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
			c.ms.Add(10)
		}
		check("no rooms")
		for _, xc := range []string{"r1", "r2", "r3"} {
			putRoom(t, s, xc, obj{"participantXCUserIDs": list{"a"}})
			c.ms.Add(10)
		}
		check("as they were made", "r3", "r2", "r1")
		send(t, s, "b", "r1", "hi")
		check("a message", "r1", "r3", "r2")
		sendBody(t, s, textMessage("b", "r2", "hidden", obj{"isHidden": true}))
		check("a hidden message", "r1", "r3", "r2")
		putRoom(t, s, "r3", obj{"name": "New"})
		check("a change", "r3", "r1", "r2")
		do(t, s, "room/lock", obj{"xcRoomID": "r2", "xcUserID": "b"})
		check("a lock", "r2", "r3", "r1")
		putRoom(t, s, "r1", obj{"tags": list{"x"}})
		check("a change that nobody sees", "r2", "r3", "r1")
		do(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "hi", "senderXCUserID": "b", "recipientXCUserID": "a",
		})
		check("a personal message", "", "r2", "r3", "r1")
	})
}

func TestRoomListFilter(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		for _, xc := range []string{"r1", "r2", "r3"} {
			putRoom(t, s, xc, obj{"participantXCUserIDs": list{"a"}})
		}
		putRoom(t, s, "theirs", obj{"participantXCUserIDs": list{"b"}})
		do(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "hi", "senderXCUserID": "b", "recipientXCUserID": "a",
		})
		all := []string{"", "r3", "r2", "r1"}
		tests := []struct {
			name string
			only any
			want []string
		}{
			{"null", nil, all},
			{"empty", list{}, all},
			{"one", list{"r2"}, []string{"r2"}},
			{"the list's order does not count", list{"r1", "r3", "r1"}, []string{"r3", "r1"}},
			{"others' and unknown rooms drop out", list{"theirs", "none", "r1"}, []string{"r1"}},
			{"nothing is left", list{"none"}, []string{}},
		}
		for _, tt := range tests {
			got := ask[roomList](t, s, "room/get_list_by_user", obj{"xcUserID": "a", "xcRoomIDs": tt.only})
			if ids := xcRoomIDs(got.Rooms); !slices.Equal(ids, tt.want) || got.HasMore {
				t.Errorf("%s: %q, want %q", tt.name, ids, tt.want)
			}
		}
		// Pages are cut from what the filter leaves.
		got := ask[roomList](t, s, "room/get_list_by_user", obj{
			"xcUserID": "a", "xcRoomIDs": list{"r1", "r3"}, "limit": 1, "offset": 1,
		})
		if ids := xcRoomIDs(got.Rooms); !slices.Equal(ids, []string{"r1"}) || got.HasMore {
			t.Errorf("a page of the filtered list: %q, more %v", ids, got.HasMore)
		}
		// Nobody has no rooms, and that is no failure.
		a := call(t, s, "room/get_list_by_user", obj{"xcUserID": "nobody"})
		if string(a.Data) != `{"rooms":[],"hasMore":false}` {
			t.Errorf("nobody's rooms: %s", a.Body)
		}
	})
}

func TestRoomListPages(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUser(t, s, "a", obj{"userRoleCode": "agent"})
		// By name, by role and by both: pages cut one list of them all.
		want := []string{"r5", "r4", "r3", "r2", "r1"}
		for i, xc := range slices.Backward(want) {
			fields := obj{}
			if i%3 != 1 {
				fields["participantXCUserIDs"] = list{"a"}
			}
			if i%3 != 0 {
				fields["participantUserRoles"] = list{"agent"}
			}
			putRoom(t, s, xc, fields)
		}
		for limit := 1; limit <= 6; limit++ {
			for offset := 0; offset <= 6; offset++ {
				got := ask[roomList](t, s, "room/get_list_by_user", obj{"xcUserID": "a", "limit": limit, "offset": offset})
				from := min(offset, len(want))
				to := min(from+limit, len(want))
				if ids := xcRoomIDs(got.Rooms); !slices.Equal(ids, want[from:to]) || got.HasMore != (to < len(want)) {
					t.Errorf("limit %d, offset %d: %q, more %v", limit, offset, ids, got.HasMore)
				}
			}
		}
	})
}

// TestPersonalRooms: each of the two sees the other's name and picture on their room.
func TestPersonalRooms(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := putUser(t, s, "a", obj{"fullName": "Ana", "photoThumbnailURL": "at", "photoFullsizeURL": "af"})
		bo := putUser(t, s, "b", obj{"fullName": "Bo", "photoThumbnailURL": "bt", "photoFullsizeURL": "bf"})
		do(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "hi Ana", "senderXCUserID": "b", "recipientXCUserID": "a",
		})
		check := func(viewer string, want room, sender, recipient string, unread int) {
			t.Helper()
			rooms := listRooms(t, s, viewer)
			if len(rooms) != 1 {
				t.Fatalf("%s has %d rooms", viewer, len(rooms))
			}
			m := rooms[0].LastMessage
			if m.Room != want || m.User.UserID != sender || m.RecipientID != recipient || rooms[0].UnreadCount != unread {
				t.Errorf("%s sees %+v with %d unread, want %+v from %s to %s with %d", viewer, m, rooms[0].UnreadCount, want,
					sender, recipient, unread)
			}
		}
		id := ana + "-" + bo // Ana is older
		check("a", room{RoomID: id, Type: 1, Name: "Bo", ImageURL: image{"bt", "bf"}}, bo, ana, 1)
		check("b", room{RoomID: id, Type: 1, Name: "Ana", ImageURL: image{"at", "af"}}, bo, ana, 0)

		// The answer goes into the same room, by whichever name.
		do(t, s, "message/send/custom", obj{"messageType": 1001, "body": "hi Bo", "senderUserID": ana, "recipientUserID": bo})
		check("a", room{RoomID: id, Type: 1, Name: "Bo", ImageURL: image{"bt", "bf"}}, ana, bo, 1)
		check("b", room{RoomID: id, Type: 1, Name: "Ana", ImageURL: image{"at", "af"}}, ana, bo, 1)
		do(t, s, "message/send/custom", obj{"messageType": 1001, "body": "hi again", "senderXCUserID": "b", "roomID": id})
		check("a", room{RoomID: id, Type: 1, Name: "Bo", ImageURL: image{"bt", "bf"}}, bo, ana, 2)

		// A new name shows in the other's list.
		putUser(t, s, "b", obj{"fullName": "Bo II"})
		check("a", room{RoomID: id, Type: 1, Name: "Bo II", ImageURL: image{"bt", "bf"}}, bo, ana, 2)
	})
}

// TestSavedMessages: a room with oneself.
func TestSavedMessages(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := putUser(t, s, "a", obj{"fullName": "Ana"})
		for range 2 {
			do(t, s, "message/send/custom", obj{
				"messageType": 1001, "body": "note", "senderXCUserID": "a", "recipientXCUserID": "a",
			})
		}
		rooms := listRooms(t, s, "a")
		if len(rooms) != 1 {
			t.Fatalf("%d rooms", len(rooms))
		}
		m := rooms[0].LastMessage
		if m.Room.RoomID != ana+"-"+ana || m.Room.Name != "Ana" || m.RecipientID != ana || !m.IsRead || !m.IsDelivered ||
			rooms[0].UnreadCount != 0 {
			t.Errorf("%+v", rooms[0])
		}
	})
}
