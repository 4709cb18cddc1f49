package e2e

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"parlor/test/env/servertest"
)

// together runs n calls at the same time and returns when all are done.
func together(n int, run func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			run(i)
		})
	}
	close(start)
	all.Wait()
}

// TestCreateOneRoomTogether: fifty callers who want the same new room get one and the
// same, and it has been made once.
func TestCreateOneRoomTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		for round := range 3 {
			xc := fmt.Sprintf("r%d", round)
			ids := make([]string, 50)
			together(len(ids), func(i int) {
				ids[i] = putRoom(t, s, xc, obj{"name": fmt.Sprintf("by %d", i), "participantXCUserIDs": list{"a"}}).Room.RoomID
			})
			slices.Sort(ids)
			if got := slices.Compact(ids); len(got) != 1 || got[0] != getRoom(t, s, xc).Room.RoomID {
				t.Errorf("round %d: roomIDs %q", round, got)
			}
			// One room/create and 49 changes of the name.
			if sum, _ := inList(t, s, "a", xc); sum.UnreadCount != 50 {
				t.Errorf("round %d: %d messages, want 50", round, sum.UnreadCount)
			}
		}
		if n := len(listRooms(t, s, "a")); n != 3 {
			t.Errorf("%d rooms", n)
		}
	})
}

// TestSendTogether: messages sent into one room at the same time are all there, each once
// and each at a time of its own.
func TestSendTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		const senders, apiece = 10, 10
		people := list{"reader"}
		putUsers(t, s, "reader")
		for i := range senders {
			people = append(people, fmt.Sprint(i))
			putUsers(t, s, fmt.Sprint(i))
		}
		putRoom(t, s, "r", obj{"participantXCUserIDs": people})
		var mu sync.Mutex
		seen := map[string]message{} // by messageID
		together(senders, func(i int) {
			sender := fmt.Sprint(i)
			before := last(t, s, sender, "r")
			for n := range apiece {
				send(t, s, sender, "r", fmt.Sprintf("%d from %d", n, i))
				m := last(t, s, sender, "r")
				if m.Created <= before.Created {
					t.Errorf("%s sees a message of %d after one of %d", sender, m.Created, before.Created)
				}
				before = m
				mu.Lock()
				seen[m.MessageID] = m
				mu.Unlock()
			}
		})
		if sum, _ := inList(t, s, "reader", "r"); sum.UnreadCount != 1+senders*apiece {
			t.Errorf("reader has %d unread, want room/create and %d", sum.UnreadCount, senders*apiece)
		}
		for i := range senders {
			if sum, _ := inList(t, s, fmt.Sprint(i), "r"); sum.UnreadCount != 1+(senders-1)*apiece {
				t.Errorf("%d has %d unread, want room/create and %d", i, sum.UnreadCount, (senders-1)*apiece)
			}
		}
		// The larger messageID is the later one, and no two share a millisecond.
		byID := slices.SortedFunc(maps.Values(seen), func(x, y message) int {
			if d := len(x.MessageID) - len(y.MessageID); d != 0 {
				return d
			}
			return slices.Compare([]byte(x.MessageID), []byte(y.MessageID))
		})
		for i := 1; i < len(byID); i++ {
			if byID[i].Created <= byID[i-1].Created {
				t.Errorf("message %s at %d, %s at %d", byID[i-1].MessageID, byID[i-1].Created, byID[i].MessageID, byID[i].Created)
			}
		}
	})
}

// TestRepeatTogether: one localID at the same time, into two rooms, is one message.
func TestRepeatTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		rooms := []string{"r0", "r1"}
		for _, xc := range rooms {
			putRoom(t, s, xc, obj{"participantXCUserIDs": list{"b"}})
		}
		const localID = "repeated_together_0123456789abcd"
		together(20, func(i int) { sendBody(t, s, textMessage("a", rooms[i%2], "hi", obj{"localID": localID})) })
		unread := 0
		for _, sum := range listRooms(t, s, "b") {
			unread += sum.UnreadCount
		}
		if unread != 3 {
			t.Errorf("%d messages, want two of room/create and one", unread)
		}
	})
}

// TestMeetTogether: two who write to each other for the first time, at the same time,
// have one room.
func TestMeetTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		names := []string{"a", "b"}
		putUsers(t, s, names...)
		together(20, func(i int) {
			do(t, s, "message/send/custom", obj{
				"messageType": 1001, "body": "hi", "senderXCUserID": names[i%2], "recipientXCUserID": names[1-i%2],
			})
		})
		for _, xc := range names {
			if rooms := listRooms(t, s, xc); len(rooms) != 1 || rooms[0].UnreadCount != 10 {
				t.Errorf("%s has %d rooms: %+v", xc, len(rooms), rooms)
			}
		}
	})
}

// TestChangeTogether: of many who lock a room one does, a new user is made once, and a
// username goes to one.
func TestChangeTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", nil)
		var mu sync.Mutex
		locked, named, ids := 0, 0, map[string]bool{}
		together(20, func(i int) {
			lock := ask[result](t, s, "room/lock", obj{"xcRoomID": "r", "xcUserID": "a"})
			id := putUser(t, s, "new", nil)
			name := call(t, s, "user/update", obj{"xcUserID": fmt.Sprint(i), "fullName": "N", "username": "wanted"})
			mu.Lock()
			defer mu.Unlock()
			ids[id] = true
			if lock.Success {
				locked++
			}
			if name.Status == 200 {
				named++
			} else {
				checkFailure(t, name, invalid("username", "109", "is already taken by another user"))
			}
		})
		if locked != 1 || named != 1 || len(ids) != 1 {
			t.Errorf("%d locked the room, %d have the username, the new user has the ids %v", locked, named, ids)
		}
	})
}

// TestRolesTogether: people come and go by role while others look; in the end the room is
// what the last of each said.
func TestRolesTogether(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putRoom(t, s, "r", obj{"participantUserRoles": list{"agent"}})
		together(8, func(i int) {
			xc := fmt.Sprint(i)
			for n := range 6 {
				role := "agent"
				if n%2 == 1 {
					role = ""
				}
				putUser(t, s, xc, obj{"userRoleCode": role})
				in := slices.Contains(xcUserIDs(getRoom(t, s, "r").Participants), xc)
				if _, listed := inList(t, s, xc, "r"); in != (role != "") || listed != in {
					t.Errorf("%s with role %q is a participant: %v, has the room: %v", xc, role, in, listed)
				}
			}
			if i%2 == 0 {
				putUser(t, s, xc, obj{"userRoleCode": "agent"})
			}
		})
		if got := getRoom(t, s, "r"); got.ParticipantsTotal != 4 {
			t.Errorf("participants %q", xcUserIDs(got.Participants))
		}
	})
}
