package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parlor/internal/config"
	"parlor/test/env/servertest"
)

type unreadRooms struct {
	UnreadCount int
	Rooms       []struct {
		RoomID, XCRoomID string
		Type             int
		UnreadCount      int
	}
	NextCursor string
	HasMore    bool
}

// unreadByRoom is all that unread/get answers of a user: the sum, and the rooms with their counts in their order.
func unreadByRoom(t testing.TB, s *servertest.App, xc string, limit int) (total int, rooms []string) {
	t.Helper()
	body := obj{"xcUserID": xc, "limit": limit}
	for {
		page := ask[unreadRooms](t, s, "unread/get", body)
		if total != 0 && page.UnreadCount != total || len(page.Rooms) > limit || page.HasMore != (page.NextCursor != "") {
			t.Fatalf("a page of %d: %+v", limit, page)
		}
		total = page.UnreadCount
		for _, r := range page.Rooms {
			rooms = append(rooms, fmt.Sprint(r.XCRoomID, " ", r.UnreadCount))
		}
		if !page.HasMore {
			return total, rooms
		}
		body["cursor"] = page.NextCursor
	}
}

type unreadPeople struct {
	Participants []struct {
		UserID, XCUserID string
		UnreadCount      int
	}
	NextCursor string
	HasMore    bool
}

// unreadIn is what each participant of a room has not read, in their order.
func unreadIn(t testing.TB, s *servertest.App, room string, limit int) (people []string) {
	t.Helper()
	body := obj{"xcRoomID": room, "limit": limit}
	for {
		page := ask[unreadPeople](t, s, "unread/participants", body)
		for _, p := range page.Participants {
			people = append(people, fmt.Sprint(p.XCUserID, " ", p.UnreadCount))
		}
		if !page.HasMore {
			return people
		}
		body["cursor"] = page.NextCursor
	}
}

func TestUnreadIsCounted(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1"), s.SignIn(t, "bo", "1")
		putUser(t, s, "agent", obj{"userRoleCode": "agent"})
		putUsers(t, s, "out")
		var ids []string
		for i := range 7 {
			room := putRoom(t, s, fmt.Sprint("r", i), obj{"participantXCUserIDs": list{"ana", "bo"}, "participantUserRoles": list{"agent"}})
			ids = append(ids, room.Room.RoomID)
		}
		// Each room has the message of its making. Of some that is read.
		for i := range 7 {
			ana.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{newestIn(t, ana, ids[i])}}, nil)
			for range i % 3 {
				send(t, s, "bo", fmt.Sprint("r", i), "hi")
			}
		}
		do(t, s, "room/delete", obj{"xcRoomID": "r5"})
		for _, limit := range []int{1, 2, 200} {
			if total, rooms := unreadByRoom(t, s, "ana", limit); total != 4 || strings.Join(rooms, ", ") != "r1 1, r2 2, r4 1" {
				t.Errorf("ana by %d: %d, %q", limit, total, rooms)
			}
			if total, rooms := unreadByRoom(t, s, "agent", limit); total != 10 || strings.Join(rooms, ", ") != "r0 1, r1 2, r2 3, r3 1, r4 2, r6 1" {
				t.Errorf("the agent by %d: %d, %q", limit, total, rooms)
			}
			if total, rooms := unreadByRoom(t, s, "out", limit); total != 0 || len(rooms) != 0 {
				t.Errorf("a stranger by %d: %d, %q", limit, total, rooms)
			}
			if people := unreadIn(t, s, "r2", limit); strings.Join(people, ", ") != "ana 2, bo 1, agent 3" {
				t.Errorf("of r2 by %d: %q", limit, people)
			}
		}
		// One that was deleted for everybody is unread no more, whether it had been read or not.
		gone := newestIn(t, bo, ids[2])
		bo.Call(t, "chat/message/delete", obj{"roomID": ids[2], "messageIDs": list{gone}, "forEveryone": true}, nil)
		if people := unreadIn(t, s, "r2", 1); strings.Join(people, ", ") != "ana 1, bo 1, agent 2" {
			t.Errorf("after a deletion: %q", people)
		}
		// The sum is that of the first page.
		first := ask[unreadRooms](t, s, "unread/get", obj{"xcUserID": "ana", "limit": 1})
		send(t, s, "bo", "r4", "more")
		next := ask[unreadRooms](t, s, "unread/get", obj{"xcUserID": "ana", "limit": 200, "cursor": first.NextCursor})
		if next.UnreadCount != first.UnreadCount || len(next.Rooms) != 2 || next.Rooms[1].UnreadCount != 2 {
			t.Errorf("the next page %+v", next)
		}
		mine := invalid("cursor", "cursor", "must be the nextCursor of a call with the same other parameters")
		refuse(t, s, "unread/get", obj{"xcUserID": "bo", "cursor": first.NextCursor}, mine)
		refuse(t, s, "unread/get", obj{"xcUserID": "bo", "cursor": "x"}, mine)
		refuse(t, s, "unread/get", obj{"xcUserID": "nobody"}, userNotFound)
		refuse(t, s, "unread/participants", obj{"xcRoomID": "none"}, roomNotFound)
		refuse(t, s, "unread/participants", obj{"xcRoomID": "r5"}, roomNotFound)
		place := ask[unreadPeople](t, s, "unread/participants", obj{"xcRoomID": "r1", "limit": 1}).NextCursor
		refuse(t, s, "unread/participants", obj{"xcRoomID": "r2", "cursor": place}, mine)
	})
}

// TestUnreadOfManyRooms: of somebody with many rooms, read and unread, each page is found and each room comes
// once, and the sum is what the list of rooms says.
func TestUnreadOfManyRooms(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana", "bo")
		r := rand.New(rand.NewPCG(1, 9))
		want := map[string]int{}
		var rooms []obj
		for i := range 600 {
			rooms = append(rooms, obj{"xcRoomID": fmt.Sprint("r", i), "type": 2, "name": "R", "participantXCUserIDs": list{"ana", "bo"}})
			want[fmt.Sprint("r", i)] = 1 // that it was made
		}
		do(t, s, "room/batch/create_or_update", obj{"rooms": rooms})
		for range 60 {
			xc := fmt.Sprint("r", r.IntN(600))
			send(t, s, "bo", xc, "hi")
			want[xc]++
		}
		sum := 0
		for _, n := range want {
			sum += n
		}
		total, got := unreadByRoom(t, s, "ana", 97)
		seen := map[string]bool{}
		for _, line := range got {
			xc, n, _ := strings.Cut(line, " ")
			if seen[xc] || fmt.Sprint(want[xc]) != n {
				t.Errorf("%s, want %d; seen before: %v", line, want[xc], seen[xc])
			}
			seen[xc] = true
		}
		if total != sum || len(got) != 600 {
			t.Errorf("%d in %d rooms, want %d in 600", total, len(got), sum)
		}
	})
}

type presences struct {
	Users []struct {
		UserID, XCUserID string
		IsOnline         bool
		LastActivity     int64
	}
	UnknownUserIDs, UnknownXCUserIDs []string
}

// online is who of users presence/get says is online.
func online(t testing.TB, s *servertest.App, xcs ...string) string {
	t.Helper()
	var names []string
	for _, u := range ask[presences](t, s, "presence/get", obj{"xcUserIDs": xcs}).Users {
		if u.IsOnline {
			names = append(names, u.XCUserID)
		}
	}
	return strings.Join(names, " ")
}

func TestPresenceIsGot(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := s.SignIn(t, "ana", "1").Connect(t)
		bo := s.SignIn(t, "bo", "1")
		putUsers(t, s, "cy")
		eventually(t, "ana is online", func() bool { return online(t, s, "bo", "ana", "cy") == "ana" })
		got := ask[presences](t, s, "presence/get", obj{"xcUserIDs": list{"cy", "nobody", "bo"}, "userIDs": list{ana.UserID, "0"}})
		if len(got.Users) != 3 || got.Users[0].XCUserID != "ana" || got.Users[0].LastActivity == 0 ||
			got.Users[1].LastActivity != 0 || got.Users[2].UserID != bo.UserID || got.Users[2].LastActivity == 0 ||
			fmt.Sprint(got.UnknownUserIDs, got.UnknownXCUserIDs) != "[0] [nobody]" {
			t.Errorf("%+v", got)
		}
		if users := ask[knownUsers](t, s, "user/get", obj{"xcUserIDs": list{"ana", "bo"}}).Users; !users[0].IsOnline || users[1].IsOnline {
			t.Errorf("user/get: %+v", users)
		}
		if users := walkUsers(t, s, obj{"text": "ana"}, 5); !users[0].IsOnline {
			t.Errorf("user/list: %+v", users)
		}
		ana.Disconnect()
		eventually(t, "ana has gone", func() bool { return online(t, s, "ana") == "" })
		refuse(t, s, "presence/get", obj{}, invalid("xcUserIDs", "xcUserIDs", "is required, or userIDs"))
	})
}

// TestPresenceOnNodes: each node says who is online on any, with a bus and without one.
func TestPresenceOnNodes(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T, config.Config) []*servertest.App{
		"with a bus": twoNodes,
		"without": func(t *testing.T, cfg config.Config) []*servertest.App {
			return []*servertest.App{servertest.Start(t, cfg, nil).Default(), servertest.Start(t, cfg, nil).Default()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes := start(t, servertest.Postgres(t))
			ana, bo := nodes[0].SignIn(t, "ana", "1").Connect(t), nodes[1].SignIn(t, "bo", "1").Connect(t)
			also := nodes[1].SignIn(t, "ana", "2").Connect(t)
			for i, n := range nodes {
				eventually(t, fmt.Sprint("both are online on node ", i), func() bool { return online(t, n, "ana", "bo") == "ana bo" })
			}
			ana.Disconnect()
			bo.Disconnect()
			for i, n := range nodes {
				eventually(t, fmt.Sprint("bo has gone from node ", i), func() bool { return online(t, n, "ana", "bo") == "ana" })
			}
			do(t, nodes[0], "user/deactivate", obj{"xcUserID": "ana"})
			<-also.Closed()
			for i, n := range nodes {
				eventually(t, fmt.Sprint("ana has gone from node ", i), func() bool { return online(t, n, "ana", "bo") == "" })
			}
		})
	}
}
