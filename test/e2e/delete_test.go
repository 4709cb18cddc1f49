package e2e

import (
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// deletion calls for the deletion of messages and returns the ids that are deleted, or
// the error's code.
func deletion(
	t testing.TB, d *servertest.Device, room string, everyone bool, messages ...servertest.Message,
) (ids []string, code string) {
	t.Helper()
	asked := list{}
	for _, m := range messages {
		asked = append(asked, m.MessageID)
	}
	body := obj{"roomID": room, "messageIDs": asked, "forEveryone": everyone}
	answer := d.Try(t, "chat/message/delete", body)
	checkDevice(t, "chat/message/delete", answer)
	if answer.Error.Code != "" {
		return nil, answer.Error.Code
	}
	var done struct{ DeletedMessageIDs []string }
	d.Call(t, "chat/message/delete", body, &done) // again, which changes nothing
	return done.DeletedMessageIDs, ""
}

// TestWhoDeletesForEveryone: senders their own, admins of a group those of all.
func TestWhoDeletesForEveryone(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		admin, bo, cy := a.SignIn(t, "admin", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t),
			a.SignIn(t, "cy", "1").Connect(t)
		former, stranger := a.SignIn(t, "former", "1"), a.SignIn(t, "stranger", "1")
		room := newGroup(t, admin, "Group", bo, cy, former)
		post := func(d *servertest.Device) servertest.Message {
			t.Helper()
			local := d.Send(t, room, "text")
			for {
				if m := d.NextMessage(t); m.LocalID == local {
					return m
				}
			}
		}
		ofAdmin, first, second := post(admin), post(bo), post(bo)
		former.Call(t, "client/room/leave", obj{"roomID": room}, nil)
		created := listMessages(t, bo, "chat/message/list_by_room/before", obj{"roomID": room}).Messages
		system := created[len(created)-1]
		elsewhere := newGroup(t, bo, "Elsewhere", cy)
		other := listMessages(t, bo, "chat/message/list_by_room/before", obj{"roomID": elsewhere}).Messages[0]
		pair := pairOf(admin, bo)
		admin.Send(t, pair, "between us")
		personal := bo.Next(t, "it", func(e servertest.Event) bool { return e.Message.Room.RoomID == pair }).Message

		tests := []struct {
			name     string
			by       *servertest.Device
			room     string
			messages []servertest.Message
			code     string
			deleted  int
		}{
			{"another's", cy, room, []servertest.Message{first}, "40301", 0},
			{"the admin's", bo, room, []servertest.Message{ofAdmin}, "40301", 0},
			{"one's own and another's", bo, room, []servertest.Message{first, ofAdmin}, "40301", 0},
			{"by a stranger", stranger, room, []servertest.Message{first}, "40301", 0},
			{"by a former participant", former, room, []servertest.Message{first}, "40301", 0},
			{"in a personal room another's", bo, pair, []servertest.Message{personal}, "40301", 0},
			{"a system message", admin, room, []servertest.Message{system}, "", 0},
			{"one of another room", bo, room, []servertest.Message{other}, "", 0},
			{"none that there is", bo, room, []servertest.Message{{MessageID: "999999999"}, {MessageID: "x"}, {}}, "", 0},
			{"one's own", bo, room, []servertest.Message{first}, "", 1},
			{"another's, by an admin", admin, room, []servertest.Message{second, first, ofAdmin}, "", 3},
			{"in a personal room one's own", admin, pair, []servertest.Message{personal}, "", 1},
		}
		for _, tt := range tests {
			ids, code := deletion(t, tt.by, tt.room, true, tt.messages...)
			if code != tt.code || len(ids) != tt.deleted {
				t.Errorf("%s: code %q, deleted %q; want %q and %d", tt.name, code, ids, tt.code, tt.deleted)
			}
			gone := 0
			for _, m := range history(t, admin, room) {
				if m.IsDeleted {
					gone++
				}
			}
			if want := min(tt.deleted, 3); tt.room == room && gone != want {
				t.Errorf("%s: %d messages are gone, want %d", tt.name, gone, want)
			}
		}
	})
}

// TestDeletedForEveryone: the message keeps its place, and nothing of what it said.
func TestDeletedForEveryone(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t),
			a.SignIn(t, "bo", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		local := localID(t)
		draft := draftOf(t, sdkMessage{room: room, localID: local, text: "secret", kind: 1002, data: `{"caption":"secret"}`})
		draft["quote"] = obj{
			"title": "secret", "content": sealed(t, "secret", local), "imageURL": "secret", "fileID": "secret",
			"fileType": "image",
		}
		ana.Emit(t, "chat/sendMessage", draft)
		sent := bo.NextMessage(t)
		until(t, phone, local)
		body := obj{"roomID": room, "messageIDs": list{sent.MessageID}}
		bo.Call(t, "chat/message/star", body, nil)
		ana.Call(t, "chat/message/pin", body, nil)
		if ids, code := deletion(t, ana, room, true, sent); code != "" || !slices.Equal(ids, []string{sent.MessageID}) {
			t.Fatalf("deleted %q, code %q", ids, code)
		}
		seen := []servertest.Message{history(t, bo, room)[0], history(t, ana, room)[0]}
		for _, d := range []*servertest.Device{ana, phone, bo} {
			seen = append(seen, d.NextUpdate(t))
		}
		for _, m := range seen {
			if !m.IsDeleted || m.IsHidden || m.IsMessageEdited || m.Deleted < sent.Created || m.Updated <= sent.Updated ||
				m.Created != sent.Created ||
				m.Text(t) != "" || m.Data != "" || m.Quote.Content != "" || m.Quote.Title != "" {
				t.Errorf("deleted, it is %q %+v", m.Text(t), m)
			}
		}
		for _, d := range []*servertest.Device{ana, phone, bo} {
			if got := names(heard(t, d)); len(got) > 0 && !slices.Equal(got, []string{"chat/sendMessage message/pin"}) {
				t.Errorf("%s hears of %q as well", d.Name, got)
			}
		}
		var marked struct{ MessageIDs, PinnedMessageIDs []string }
		bo.Call(t, "chat/message/get_starred_ids", obj{"roomID": room}, &marked)
		bo.Call(t, "chat/message/get_pinned_ids", obj{"roomID": room}, &marked)
		if len(marked.MessageIDs)+len(marked.PinnedMessageIDs) > 0 {
			t.Errorf("deleted, it is still starred or pinned: %+v", marked)
		}
		if sum := unreadOf(t, a, "bo", room); sum != 2 { // room/create and message/pin
			t.Errorf("bo has %d unread", sum)
		}
	})
}

// unreadOf is how many unread messages of a room a backend counts for a user.
func unreadOf(t testing.TB, a *servertest.App, xcUser, room string) int {
	t.Helper()
	for _, sum := range listRooms(t, a, xcUser) {
		if sum.LastMessage.Room.RoomID == room {
			return sum.UnreadCount
		}
	}
	return -1
}

// TestDeletedForOneself: it is gone on all devices of who deleted it, and on no others.
func TestDeletedForOneself(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t),
			a.SignIn(t, "bo", "2").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		ana.Send(t, room, "first")
		first := bo.NextMessage(t)
		ana.Send(t, room, "second")
		second := bo.NextMessage(t)
		until(t, phone, second.LocalID)
		until(t, ana, second.LocalID)
		if ids, code := deletion(t, bo, room, false, second); code != "" || !slices.Equal(ids, []string{second.MessageID}) {
			t.Fatalf("deleted %q, code %q", ids, code)
		}
		for _, d := range []*servertest.Device{bo, phone} {
			d.Next(t, "the deletion, for bo's devices", func(e servertest.Event) bool {
				m := e.Message
				return e.EventName == "chat/updateMessage" && m.LocalID == second.LocalID && m.IsDeleted && m.IsHidden &&
					m.IsRead && m.Deleted > 0
			})
		}
		for _, e := range heard(t, ana) {
			if m := e.Message; m.IsDeleted || m.IsHidden || !m.IsRead {
				t.Errorf("ana hears of %s %+v", e.EventName, m)
			}
		}
		if m := history(t, ana, room)[0]; m.IsDeleted || m.IsHidden || m.Text(t) != "second" {
			t.Errorf("ana sees %+v", m)
		}
		if m := history(t, phone, room)[0]; !m.IsDeleted || !m.IsHidden {
			t.Errorf("bo sees %+v", m)
		}
		got := listMessages(t, phone, "chat/message/room_list_and_unread", nil).Messages
		for _, m := range got {
			if m.LocalID == second.LocalID {
				t.Error("it is in bo's list of rooms")
			}
		}
		if !slices.ContainsFunc(got, func(m servertest.Message) bool { return m.LocalID == first.LocalID }) {
			t.Error("the message before it is not in bo's list of rooms")
		}
		if n := unreadOf(t, a, "bo", room); n != 2 { // room/create and the first
			t.Errorf("bo has %d unread", n)
		}
	})
}
