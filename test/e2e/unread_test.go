package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// written is a message as the model of TestUnread remembers it.
type written struct {
	room, sender string // "" is the app
	text         string
	hidden       bool
}

// TestUnread sends messages at random, with a seed that is always the same, and holds
// every list to a model that counts them one by one: unread is what others wrote and
// what shows; the last message is the newest that shows.
func TestUnread(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		people, rooms := []string{"a", "b", "c"}, []string{"r0", "r1", "r2"}
		putUser(t, s, "a", obj{"userRoleCode": "agent"})
		putUsers(t, s, "b", "c")
		var log []written
		for _, xc := range rooms {
			putRoom(t, s, xc, obj{"participantXCUserIDs": list{"b", "c"}, "participantUserRoles": list{"agent"}})
			log = append(log, written{room: xc, text: "{{sender}} created group Room " + xc})
		}
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 90 {
			m := written{
				room: rooms[r.IntN(len(rooms))], sender: people[r.IntN(len(people))],
				text: fmt.Sprintf("message %d", i), hidden: r.IntN(4) == 0,
			}
			switch r.IntN(10) {
			case 0: // a change tells of itself, in the app's name
				m = written{room: m.room, text: "{{sender}} updated the group details"}
				putRoom(t, s, m.room, obj{"name": m.text + fmt.Sprint(i)})
			case 1: // a change that nobody sees
				putRoom(t, s, m.room, obj{"name": getRoom(t, s, m.room).Room.Name, "tags": list{fmt.Sprint(i)}})
				continue
			default:
				sendBody(t, s, textMessage(m.sender, m.room, m.text, obj{"isHidden": m.hidden}))
			}
			log = append(log, m)
			if i%10 == 9 {
				checkAgainst(t, s, log, people, rooms)
			}
		}
	})
}

func checkAgainst(t *testing.T, s *servertest.App, log []written, people, rooms []string) {
	t.Helper()
	for _, person := range people {
		unread, newest, order := map[string]int{}, map[string]string{}, []string{}
		for _, m := range log {
			if m.hidden {
				continue
			}
			if m.sender != person {
				unread[m.room]++
			}
			newest[m.room] = m.text
			order = slices.DeleteFunc(order, func(xc string) bool { return xc == m.room })
			order = append([]string{m.room}, order...)
		}
		got := listRooms(t, s, person)
		for _, sum := range got {
			xc := sum.LastMessage.Room.XCRoomID
			if text := plain(t, sum.LastMessage, sum.LastMessage.Body); text != newest[xc] || sum.UnreadCount != unread[xc] ||
				sum.LastMessage.IsHidden {
				t.Errorf("after %d messages %s has %d unread in %s, the last is %q; want %d and %q",
					len(log), person, sum.UnreadCount, xc, text, unread[xc], newest[xc])
			}
		}
		if len(got) != len(rooms) {
			t.Errorf("%s has %d rooms", person, len(got))
		}
		// Rooms whose newest messages have the same millisecond may stand in either order.
		if !slices.IsSortedFunc(got, func(x, y summary) int { return int(y.LastMessage.Created - x.LastMessage.Created) }) {
			t.Errorf("after %d messages %s's rooms are in the order %q, want %q", len(log), person, xcRoomIDs(got), order)
		}
	}
}

// TestMessageOrder: numbers and times of a room's messages rise with each message.
func TestMessageOrder(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		before := last(t, s, "a", "r")
		// The clock stands, goes back, and jumps.
		for i, step := range []int64{0, 0, -60_000, 0, -1, 90_000, 0, -3_600_000, 5} {
			c.ms.Add(step)
			send(t, s, "a", "r", "hi")
			m := last(t, s, "a", "r")
			if m.Created <= before.Created || m.Updated != m.Created || len(m.MessageID) < len(before.MessageID) ||
				len(m.MessageID) == len(before.MessageID) && m.MessageID <= before.MessageID {
				t.Errorf("message %d: %s at %d comes after %s at %d", i, m.MessageID, m.Created, before.MessageID, before.Created)
			}
			before = m
		}
	})
}
