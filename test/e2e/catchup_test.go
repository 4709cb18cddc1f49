package e2e

import (
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// TestRoomList: the newest message of each room and all unread ones, the newest first over
// all rooms. What lies between those of one room may be there, too.
func TestRoomList(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1").Connect(t)
		read, unread, pair := newGroup(t, ana, "Read", bo), newGroup(t, ana, "Unread", bo), pairOf(ana, bo)
		post := func(d *servertest.Device, room string) servertest.Message {
			t.Helper()
			local := localID(t)
			d.Call(t, "chat/message/send/custom", obj{"roomID": room, "localID": local, "messageType": 1001, "body": "hi"}, nil)
			return bo.Next(t, "it", func(e servertest.Event) bool { return e.Message.LocalID == local }).Message
		}
		created := func(room string) servertest.Message {
			t.Helper()
			all := listMessages(t, bo, "chat/message/list_by_room/before", obj{"roomID": room}).Messages
			return all[len(all)-1]
		}
		mark := func(messages ...servertest.Message) {
			t.Helper()
			ids := list{}
			for _, m := range messages {
				ids = append(ids, m.MessageID)
			}
			bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": ids}, nil)
		}
		check := func(what string, want ...servertest.Message) {
			t.Helper()
			got := listMessages(t, bo, "chat/message/room_list_and_unread", obj{"userID": 1, "roomID": nil}).Messages
			if !slices.IsSortedFunc(got, func(x, y servertest.Message) int { return int(y.Created - x.Created) }) {
				t.Errorf("%s: the order is %v", what, localIDs(got))
			}
			ids := localIDs(got)
			for _, m := range want {
				if !slices.Contains(ids, m.LocalID) {
					t.Errorf("%s: %q of %s is not there", what, m.Text(t), m.Room.Name)
				}
			}
			for i, m := range got {
				between := func(w servertest.Message) bool { return w.Room.RoomID == m.Room.RoomID && w.Created < m.Created }
				if slices.Contains(ids[:i], m.LocalID) ||
					!slices.Contains(localIDs(want), m.LocalID) && !slices.ContainsFunc(want, between) {
					t.Errorf("%s: %q of %s is there as well", what, m.Text(t), m.Room.Name)
				}
			}
		}
		r0, r1, _, r3 := created(read), post(ana, read), post(bo, read), post(ana, read)
		u0, u1, _, u3 := created(unread), post(ana, unread), post(bo, unread), post(ana, unread)
		p1, p2 := post(ana, pair), post(bo, pair)
		check("nothing read", r0, r1, r3, u0, u1, u3, p1, p2)
		mark(r0, r1, r3)
		check("one room read", r3, u0, u1, u3, p1, p2)
		mark(u1)
		check("a hole", r3, u0, u3, p1, p2)
		mark(p1)
		check("one's own is the last", r3, u0, u3, p2)
		mark(u0)
		check("the oldest read", r3, u3, p2)
		r4 := post(bo, read)
		check("one's own after what is read", r4, u3, p2)
		bo.Call(t, "client/room/clear_chat", obj{"roomIDs": list{unread}}, nil)
		check("a cleared room", r4, p2)
		u4 := post(ana, unread)
		check("the first after that", r4, u4, p2)
	})
}

// TestNewAndUpdated: each device catches up by itself, with everything once.
func TestNewAndUpdated(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1"), a.SignIn(t, "bo", "2")
		room, pair := newGroup(t, ana, "Group", bo), pairOf(ana, bo)
		post := func(in string) servertest.Message {
			t.Helper()
			local := ana.Send(t, in, "text")
			return ana.Next(t, "it", func(e servertest.Event) bool { return e.Message.LocalID == local }).Message
		}
		check := func(what string, d *servertest.Device, want ...servertest.Message) []servertest.Message {
			t.Helper()
			got := catchUp(t, d)
			got = slices.DeleteFunc(got, func(m servertest.Message) bool { return m.Type == 9001 })
			if !slices.Equal(localIDs(got), localIDs(want)) {
				t.Errorf("%s: device %s gets %d messages, want %d", what, d.Name, len(got), len(want))
			}
			if again := catchUp(t, d); len(again) > 0 {
				t.Errorf("%s: device %s gets %+v again", what, d.Name, again)
			}
			return got
		}
		one, two := post(room), post(room)
		check("at first", bo, one, two)
		three := post(pair)
		check("another room", bo, three)
		check("a device that comes later", phone, one, two, three)
		ana.Emit(t, "chat/updateMessage", servertest.Draft(t, room, one.LocalID, "edited"))
		ana.NextUpdate(t)
		four := post(room)
		if got := check("an edit", bo, one, four); len(got) > 0 && !got[0].IsMessageEdited {
			t.Errorf("the edit is %+v", got[0])
		}
		bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{two.MessageID}}, nil)
		if got := check("what another device has read", phone, one, two, four); len(got) > 1 && !got[1].IsRead {
			t.Errorf("read elsewhere is %+v", got[1])
		}
		phone.Call(t, "chat/message/delete", obj{
			"roomID": room, "messageIDs": list{four.MessageID}, "forEveryone": false,
		}, nil)
		if got := check("what another device has deleted", bo, two, four); len(got) > 1 &&
			(!got[1].IsDeleted || !got[1].IsHidden) {
			t.Errorf("deleted elsewhere is %+v", got[1])
		}
		ana.Call(t, "chat/message/delete", obj{"roomID": pair, "messageIDs": list{three.MessageID}, "forEveryone": true}, nil)
		if got := check("a deletion", bo, three); len(got) > 0 && !got[0].IsDeleted {
			t.Errorf("the deletion is %+v", got[0])
		}
		desk := a.SignIn(t, "ana", "2")
		listMessages(t, desk, "chat/message/room_list_and_unread", nil)
		catchUp(t, desk) // her own messages of the last moments, which the list of rooms has not
		bo.Call(t, "chat/message/feedback/delivered", obj{"messageIDs": list{one.MessageID}}, nil)
		if got := check("a receipt, for the sender", desk, one); len(got) > 0 && (!got[0].IsDelivered || got[0].IsRead) {
			t.Errorf("the receipt is %+v", got[0])
		}
		five := post(room)
		listMessages(t, bo, "chat/message/room_list_and_unread", nil)
		for _, m := range catchUp(t, bo) {
			if !m.IsRead && !m.IsDeleted {
				t.Errorf("what was in the list of rooms comes again: %+v", m)
			}
		}
		got := localIDs(catchUp(t, phone))
		if !slices.Contains(got, three.LocalID) || got[len(got)-1] != five.LocalID || slices.Contains(got, two.LocalID) {
			t.Errorf("a device that has not asked for a while gets %q", got)
		}
		if again := catchUp(t, phone); len(again) > 0 {
			t.Errorf("and %+v again", again)
		}
	})
}

// TestReceiptDetails: who has received a message and who has read it, for those who may
// see the message.
func TestReceiptDetails(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy, dee := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1"), a.SignIn(t, "cy", "1"),
			a.SignIn(t, "dee", "1")
		former, eve := a.SignIn(t, "former", "1"), a.SignIn(t, "eve", "1")
		room := newGroup(t, ana, "Group", bo, cy, dee, former)
		ana.Send(t, room, "before")
		before := ana.NextMessage(t)
		former.Call(t, "client/room/leave", obj{"roomID": room}, nil)
		ana.Send(t, room, "text")
		m := ana.NextMessage(t)
		ids := obj{"messageIDs": list{m.MessageID}}
		cy.Call(t, "chat/message/feedback/delivered", ids, nil)
		bo.Call(t, "chat/message/feedback/delivered", ids, nil)
		bo.Call(t, "chat/message/feedback/read", ids, nil)
		bo.Call(t, "chat/message/feedback/read", ids, nil)
		eve.Call(t, "chat/message/feedback/read", ids, nil)
		former.Call(t, "chat/message/feedback/read", ids, nil)
		ana.Call(t, "chat/message/feedback/read", ids, nil)
		type person struct {
			UserID, XCUserID, Fullname string
			DeliveredTime, ReadTime    int64
		}
		for _, d := range []*servertest.Device{ana, bo, dee} {
			var got struct {
				Message             servertest.Message
				DeliveredTo, ReadBy []person
			}
			d.Call(t, "chat/message/get_details", obj{"messageID": m.MessageID}, &got)
			if len(got.DeliveredTo) != 1 || len(got.ReadBy) != 1 || got.Message.LocalID != m.LocalID ||
				got.Message.IsRead != (d != dee) {
				t.Fatalf("%s sees %+v", d.UserID, got)
			}
			has, read := got.DeliveredTo[0], got.ReadBy[0]
			if has.UserID != cy.UserID || has.ReadTime != 0 || has.DeliveredTime < m.Created || has.Fullname != "Name of cy" ||
				read.UserID != bo.UserID || read.ReadTime < read.DeliveredTime || read.DeliveredTime < m.Created ||
				read.XCUserID != "bo" {
				t.Errorf("%s sees %+v", d.UserID, got)
			}
			var total struct{ Count int }
			if d.Call(t, "chat/message/get_total_read", obj{"messageID": m.MessageID}, &total); total.Count != 1 {
				t.Errorf("%s: %d have read it", d.UserID, total.Count)
			}
		}
		for _, tt := range []struct {
			name, message, code string
			by                  *servertest.Device
		}{
			{"a stranger", m.MessageID, "40401", eve},
			{"somebody who had left", m.MessageID, "40401", former},
			{"what they still saw", before.MessageID, "", former},
			{"no message", "999999999", "40401", ana},
			{"no id", "x", "40002", ana},
			{"none", "", "40002", ana},
		} {
			for _, path := range []string{"chat/message/get_details", "chat/message/get_total_read"} {
				answer := tt.by.Try(t, path, obj{"messageID": tt.message})
				checkDevice(t, path, answer)
				if answer.Error.Code != tt.code {
					t.Errorf("%s of %s: %s, want code %q", path, tt.name, answer.Body, tt.code)
				}
			}
		}
	})
}
