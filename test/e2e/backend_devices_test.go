package e2e

import (
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// TestBackendMeetsDevices: what a backend does to a room shows at once on the devices of
// those who are in it.
func TestBackendMeetsDevices(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo, cy := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1").Connect(t),
			s.SignIn(t, "cy", "1").Connect(t)
		put := func(fields obj) { putRoom(t, s, "r", fields) }
		room := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		lock := obj{"xcRoomID": "r", "xcUserID": "bo"}
		for _, step := range []struct {
			do     func()
			action string
			name   string // of the room
			sender string // "" is the app
			target string
			locked bool
			to     []*servertest.Device
		}{
			{func() {}, "room/create", "Room r", "", "", false, []*servertest.Device{ana, bo}},
			{func() { put(obj{"name": "Renamed"}) }, "room/update", "Renamed", "", "", false, []*servertest.Device{ana, bo}},
			{func() {
				put(obj{"name": "Renamed", "photoFullsizeURL": "https://example.com/p"})
			}, "room/update", "Renamed", "", "", false, []*servertest.Device{ana, bo}},
			{func() {
				addTo(t, s, "r", "cy")
			}, "room/addParticipant", "Renamed", "", "cy", false, []*servertest.Device{ana, bo, cy}},
			{func() {
				do(t, s, "room/lock", lock)
			}, "room/update", "Renamed", "bo", "", true, []*servertest.Device{ana, bo, cy}},
			{func() {
				removeFrom(t, s, "r", "ana")
			}, "room/removeParticipant", "Renamed", "", "ana", true, []*servertest.Device{ana, bo, cy}},
			{func() { do(t, s, "room/unlock", lock) }, "room/update", "Renamed", "bo", "", false, []*servertest.Device{bo, cy}},
			{func() { put(obj{"name": "Renamed", "tags": list{"nobody sees tags"}}) }, "", "", "", "", false, nil},
			{func() {
				put(obj{"name": "Without ana", "participantXCUserIDs": list{"ana"}})
			}, "room/update", "Without ana", "", "", false, []*servertest.Device{bo, cy}},
		} {
			step.do()
			for _, d := range step.to {
				m := nextAction(t, d, step.action)
				target := "0"
				if step.target != "" {
					target = map[string]string{"ana": ana.UserID, "cy": cy.UserID}[step.target]
				}
				if m.Room.RoomID != room || m.Room.XCRoomID != "r" || m.Room.Name != step.name || m.Room.IsLocked != step.locked ||
					m.User.XCUserID != step.sender || m.Target.TargetID != target || m.IsHidden || m.IsRead {
					t.Errorf("%s comes to %s as %+v", step.action, d.UserID, m)
				}
			}
		}
		for _, d := range []*servertest.Device{ana, bo, cy} {
			if got := names(heard(t, d)); len(got) > 0 {
				t.Errorf("%s hears of %q as well", d.UserID, got)
			}
		}
		if rooms := deviceRooms(t, cy); !slices.Contains(rooms, room) {
			t.Errorf("cy's rooms are %q", rooms)
		}
		if rooms := deviceRooms(t, ana); slices.Contains(rooms, room) {
			t.Errorf("ana's rooms are %q", rooms)
		}
	})
}

// TestRoleMeetsDevices: a user with a role of the room gets its messages from that moment
// on and for as long as that stands, without a word about the coming and going.
func TestRoleMeetsDevices(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, agent := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "agent", "1").Connect(t)
		role := func(code string) {
			t.Helper()
			putUser(t, s, "agent", obj{"fullName": "Name of agent", "userRoleCode": code})
		}
		rule := func(codes ...any) {
			t.Helper()
			putRoom(t, s, "r", obj{"participantUserRoles": list(codes)})
			nextAction(t, ana, "room/update")
		}
		room := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana"}}).Room.RoomID
		nextAction(t, ana, "room/create")
		check := func(when string, in bool) {
			t.Helper()
			local := ana.Send(t, room, when)
			until(t, ana, local)
			if in {
				until(t, agent, local)
			}
			for _, e := range heard(t, agent) {
				if e.Message.LocalID == local {
					t.Errorf("%s: the message comes to the agent", when)
				}
			}
			back := agent.Send(t, room, "answer")
			mark := ana.Send(t, room, "a mark")
			if in {
				until(t, agent, mark)
				until(t, ana, back)
			}
			if shown := slices.Contains(localIDs(history(t, ana, room)), back); shown != in {
				t.Errorf("%s: the agent's message is in the room: %v", when, shown)
			}
			if listed := slices.Contains(deviceRooms(t, agent), room); listed != in {
				t.Errorf("%s: the room is in the agent's list: %v", when, listed)
			}
		}
		check("no role", false)
		rule("agent")
		check("a rule for a role that the agent has not", false)
		role("agent")
		check("the role", true)
		role("boss")
		check("another role", false)
		rule("agent", "boss")
		check("a rule for that, too", true)
		rule("agent")
		check("the rule gone", false)
		role("agent")
		check("the first role again", true)
		if answer := agent.Try(t, "client/room/leave", obj{"roomID": room}); answer.Error.Code != "40301" {
			t.Errorf("leaving a room that the role holds one in: %s", answer.Body)
		}
		addTo(t, s, "r", "agent")
		role("")
		check("by name, without the role", true)
		removeFrom(t, s, "r", "agent")
		nextAction(t, agent, "room/removeParticipant")
		check("neither", false)
	})
}

// TestBackendCountsWhatDevicesRead: the unread messages that a backend counts for a user
// are those that the user's devices have not read.
func TestBackendCountsWhatDevicesRead(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana, bo, phone := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1").Connect(t), s.SignIn(t, "bo", "2")
		room := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		check := func(when string, want int) {
			t.Helper()
			if sum, ok := inList(t, s, "bo", "r"); !ok || sum.UnreadCount != want {
				t.Errorf("%s: the backend counts %d, want %d", when, sum.UnreadCount, want)
			}
			shown := 0
			for _, m := range listMessages(t, bo, "chat/message/list_by_room/before", obj{"roomID": room}).Messages {
				if !m.IsRead && !m.IsHidden && !m.IsDeleted && m.User.UserID != bo.UserID {
					shown++
				}
			}
			if shown != want {
				t.Errorf("%s: the device counts %d, want %d", when, shown, want)
			}
		}
		read := func(d *servertest.Device, messages ...servertest.Message) {
			t.Helper()
			ids := list{"0", "x", "999999999"}
			for _, m := range messages {
				ids = append(ids, m.MessageID)
			}
			d.Call(t, "chat/message/feedback/read", obj{"messageIDs": ids}, nil)
		}
		created := nextAction(t, bo, "room/create")
		check("at first", 1)
		var got []servertest.Message
		for range 5 {
			ana.Send(t, room, "text")
			got = append(got, bo.NextMessage(t))
		}
		send(t, s, "ana", "r", "of the backend")
		got = append(got, bo.NextMessage(t))
		check("six more", 7)
		read(bo)
		check("nothing read", 7)
		read(bo, got[2])
		check("one in the middle", 6)
		read(phone, got[2], got[3])
		check("one more, on another device", 5)
		bo.Call(t, "chat/message/feedback/delivered", obj{"messageIDs": list{got[0].MessageID}}, nil)
		check("delivered only", 5)
		ana.Call(t, "chat/message/delete", obj{
			"roomID": room, "messageIDs": list{got[0].MessageID, got[3].MessageID}, "forEveryone": true,
		}, nil)
		check("one unread and one read are deleted", 4)
		bo.Call(t, "chat/message/delete", obj{
			"roomID": room, "messageIDs": list{got[1].MessageID}, "forEveryone": false,
		}, nil)
		check("one is deleted for bo", 3)
		bo.Send(t, room, "mine")
		mine := bo.NextMessage(t)
		read(bo, mine)
		check("one's own does not count", 3)
		read(bo, created, got[4])
		check("all but the backend's", 1)
		ana.Send(t, room, "text")
		bo.NextMessage(t)
		check("a new one", 2)
		bo.Call(t, "client/room/mark_as_unread", obj{"roomIDs": list{room}}, nil)
		check("marked as unread, which is no message", 2)
		bo.Call(t, "client/room/clear_chat", obj{"roomIDs": list{room}}, nil)
		if sum, ok := inList(t, s, "bo", "r"); ok {
			t.Errorf("cleared, the room is in the list with %d unread", sum.UnreadCount)
		}
		ana.Send(t, room, "text")
		bo.NextMessage(t)
		check("the first after that", 1)
	})
}
