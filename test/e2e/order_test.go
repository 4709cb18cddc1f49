package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"parlor/test/env/servertest"
)

// TestOneOrderForAll: several people write into one group at once. All devices get one
// order, that of created, in which nobody's own messages change places.
func TestOneOrderForAll(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t)
		bo, cy := a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "cy", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo, cy)
		const each = 30
		all := []*servertest.Device{ana, phone, bo, cy}
		var writers sync.WaitGroup
		for _, d := range all[:3] { // cy only reads; ana's devices write at the same time, too
			writers.Go(func() {
				for i := range each {
					d.Send(t, room, fmt.Sprintf("%s/%s %d", d.UserID, d.Name, i))
				}
			})
		}
		writers.Wait()
		var orders [][]string
		for _, d := range all {
			var order []string
			var last int64
			next := map[string]int{}
			for range 3 * each {
				m := d.NextMessage(t)
				who, number, _ := strings.Cut(m.Text(t), " ")
				if number != fmt.Sprint(next[who]) || m.Created <= last {
					t.Fatalf("%s %s gets %q at %d after %d", d.UserID, d.Name, m.Text(t), m.Created, last)
				}
				next[who]++
				last, order = m.Created, append(order, m.LocalID)
			}
			orders = append(orders, order)
		}
		stored := localIDs(history(t, bo, room))
		slices.Reverse(stored)
		for i, order := range append(orders, stored) {
			if !slices.Equal(order, orders[0]) {
				t.Errorf("order %d differs from the first", i)
			}
		}
	})
}

// TestBackendMessages: what the customer's backend sends reaches connected devices like
// any other message, long ones in parts, and even in locked rooms.
func TestBackendMessages(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1").Connect(t)
		room := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		expect := func(what, room, text string) {
			t.Helper()
			for _, d := range []*servertest.Device{ana, bo} {
				if m := d.NextMessage(t); m.Room.RoomID != room || m.Text(t) != text || m.User.XCUserID != "ana" ||
					m.IsSending || m.IsRead {
					t.Errorf("%s: %s gets %.20q %+v", what, d.UserID, m.Text(t), m)
				}
			}
		}
		send(t, s, "ana", "r", "to the group")
		expect("a group", room, "to the group")
		do(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": "to bo", "senderXCUserID": "ana", "recipientXCUserID": "bo",
		})
		expect("a user", pairOf(ana, bo), "to bo")
		do(t, s, "message/send/custom", obj{
			"messageType": 3000, "body": "by roomID", "senderUserID": ana.UserID, "roomID": pairOf(ana, bo), "data": "{}",
		})
		expect("a room", pairOf(ana, bo), "by roomID")
		send(t, s, "ana", "r", strings.Repeat("a", 4000)+"b")
		expect("the first part", room, strings.Repeat("a", 4000))
		expect("the second part", room, "b")
		do(t, s, "room/lock", obj{"xcRoomID": "r", "xcUserID": "ana"})
		local := send(t, s, "ana", "r", "locked")
		expect("a locked room", room, "locked")
		sendBody(t, s, textMessage("ana", "r", "locked", obj{"localID": local})) // again: nobody is told
		bo.Send(t, pairOf(ana, bo), "a mark")
		if m := ana.NextMessage(t); m.Text(t) != "a mark" {
			t.Errorf("a repeated call comes to ana as %+v", m)
		}
	})
}
