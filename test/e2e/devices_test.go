package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// deviceMessages is what the calls that list messages answer.
type deviceMessages struct {
	Messages []servertest.Message
	HasMore  bool
}

// listMessages calls one of the calls that list messages and holds the answer to the
// description.
func listMessages(t testing.TB, d *servertest.Device, path string, body obj) deviceMessages {
	t.Helper()
	answer := d.Try(t, path, body)
	checkDevice(t, path, answer)
	var page deviceMessages
	if err := json.Unmarshal(answer.Data, &page); err != nil || answer.Error.Code != "" {
		t.Fatalf("%s %v: %v: %s", path, body, err, answer.Body)
	}
	return page
}

// catchUp is what a device gets that asks for what it has missed.
func catchUp(t testing.TB, d *servertest.Device) []servertest.Message {
	t.Helper()
	return listMessages(t, d, "chat/message/new_and_updated", nil).Messages
}

// history is what a device is told of a room, the newest first, without system messages.
func history(t testing.TB, d *servertest.Device, room string) []servertest.Message {
	t.Helper()
	page := listMessages(t, d, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 100})
	return slices.DeleteFunc(page.Messages, func(m servertest.Message) bool { return m.Type == 9001 })
}

// deviceRooms is the ids of the rooms that a device shows, as it finds them at its start.
func deviceRooms(t testing.TB, d *servertest.Device) []string {
	t.Helper()
	var rooms []string
	for _, m := range listMessages(t, d, "chat/message/room_list_and_unread", nil).Messages {
		if !slices.Contains(rooms, m.Room.RoomID) {
			rooms = append(rooms, m.Room.RoomID)
		}
	}
	return rooms
}

// localIDs are those of messages, in their order.
func localIDs(messages []servertest.Message) []string {
	ids := []string{}
	for _, m := range messages {
		ids = append(ids, m.LocalID)
	}
	return ids
}

// newGroup makes a group of a device's user with others in it.
func newGroup(t testing.TB, admin *servertest.Device, name string, others ...*servertest.Device) (room string) {
	t.Helper()
	people := list{}
	for _, d := range others {
		people = append(people, d.UserID)
	}
	var made roomAnswer
	admin.Call(t, "client/room/create", obj{"name": name, "type": 2, "userIDs": people}, &made)
	return made.Room.RoomID
}

// pairOf is the room of two users, one of whom came first.
func pairOf(first, second *servertest.Device) string { return first.UserID + "-" + second.UserID }

// until collects the events about messages that come to a device up to a message.
func until(t testing.TB, d *servertest.Device, localID string) []servertest.Event {
	t.Helper()
	var got []servertest.Event
	d.Next(t, "message "+localID, func(e servertest.Event) bool {
		if e.Message.LocalID == localID {
			return true
		}
		if strings.HasPrefix(e.EventName, "chat/") {
			got = append(got, e)
		}
		return false
	})
	return got
}

// heard collects the events about messages of other rooms than the user's own that have
// come to a device so far. Rooms are told in no common order, so somebody else must have
// had what is not to come here.
func heard(t testing.TB, d *servertest.Device) []servertest.Event {
	t.Helper()
	own := pairOf(d, d)
	return slices.DeleteFunc(until(t, d, d.Send(t, own, "a mark")), func(e servertest.Event) bool {
		return e.Message.Room.RoomID == own
	})
}

// nextAction returns the next system message, which must be of this kind.
func nextAction(t testing.TB, d *servertest.Device, action string) servertest.Message {
	t.Helper()
	m := d.Next(t, action, func(e servertest.Event) bool {
		return e.EventName == "chat/sendMessage" && e.Message.Type == 9001
	}).Message
	if m.Action != action {
		t.Errorf("a system message tells of %s, want %s", m.Action, action)
	}
	return m
}

// names are what events are called, with the actions of those that bring a system message.
func names(events []servertest.Event) []string {
	list := []string{}
	for _, e := range events {
		list = append(list, strings.TrimSpace(e.EventName+" "+e.Message.Action))
	}
	return list
}
