package server_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"parlor/internal/cipher"
	"parlor/internal/server"
	"parlor/internal/server/servertest"
	"parlor/internal/store/storetest"
)

// until returns what comes to d before the message of a localID. Events of one room come
// in one order, so whatever was to come of an earlier one of that room is among it.
func until(t testing.TB, d *servertest.Device, local string) (before []servertest.Event) {
	t.Helper()
	d.Next(t, "message "+local, func(e servertest.Event) bool {
		if e.EventName == "chat/sendMessage" && e.Message.LocalID == local {
			return true
		}
		before = append(before, e)
		return false
	})
	return before
}

// about keeps the events of a room but for those about presence, which have a time of
// their own.
func about(events []servertest.Event) (names []string) {
	for _, e := range events {
		if !strings.HasPrefix(e.EventName, "user/") {
			names = append(names, strings.TrimSpace(e.EventName+" "+e.Message.Action))
		}
	}
	return names
}

// quiet has sender send a message to room and fails if anything else comes to d before it.
func quiet(t testing.TB, what string, sender *servertest.Device, room string, devices ...*servertest.Device) {
	t.Helper()
	local := sender.Send(t, room, "who hears this has heard all before it")
	for _, d := range devices {
		if got := about(until(t, d, local)); len(got) > 0 {
			t.Errorf("%s: %s of user %s got %v", what, d.Name, d.UserID, got)
		}
	}
}

// makeGroup has owner make a group with others, all of whom take note of it.
func makeGroup(t testing.TB, owner *servertest.Device, others ...*servertest.Device) (room string) {
	t.Helper()
	ids := []string{}
	for _, d := range others {
		ids = append(ids, d.UserID)
	}
	var made roomAnswer
	owner.Call(t, "client/room/create", obj{"name": "Group", "type": 2, "userIDs": ids}, &made)
	for _, d := range append(others, owner) {
		nextAction(t, d, "room/create")
	}
	return made.Room.RoomID
}

// nextAction returns the next system message of an action.
func nextAction(t testing.TB, d *servertest.Device, action string) servertest.Message {
	t.Helper()
	return d.Next(t, action, func(e servertest.Event) bool { return e.Message.Action == action }).Message
}

// nextNamed returns the next event of a name.
func nextNamed(t testing.TB, d *servertest.Device, name string) servertest.Event {
	t.Helper()
	return d.Next(t, name, func(e servertest.Event) bool { return e.EventName == name })
}

// messages reads a page of a room.
func messages(t testing.TB, d *servertest.Device, path string, body obj) (list []servertest.Message, more bool) {
	t.Helper()
	var page struct {
		Messages []servertest.Message
		HasMore  bool
	}
	d.Call(t, "chat/message/"+path, body, &page)
	return page.Messages, page.HasMore
}

func localIDs(list []servertest.Message) []string {
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.LocalID
	}
	return ids
}

// The shapes of objects: every key, each with a value of the right type.
var (
	imageShape = obj{"thumbnail": "", "fullsize": ""}
	roomShape  = obj{
		"roomID": "", "xcRoomID": "", "name": "", "type": 0, "imageURL": imageShape, "color": "",
		"isLocked": false, "lockedTime": 0, "deleted": 0, "isDeleted": false,
	}
	// A live user has no key "deleted": to some SDKs any value of it means a deleted account.
	userShape = obj{
		"userID": "", "xcUserID": "", "fullname": "", "email": "", "isEmailVerified": false, "countryID": 0,
		"countryCallingCode": "", "phone": "", "phoneWithCode": "", "isPhoneVerified": false, "username": "",
		"imageURL": imageShape, "userRole": obj{"code": "", "name": "", "iconURL": ""}, "lastLogin": 0,
		"lastActivity": 0, "isOnline": false, "created": 0, "updated": 0,
	}
	messageShape = obj{
		"messageID": "", "localID": "", "type": 0, "body": "", "data": "", "filterID": "", "isHidden": false,
		"quote": obj{"title": "", "content": "", "imageURL": "", "fileID": "", "fileType": ""},
		"replyTo": obj{
			"userID": "", "xcUserID": "", "fullname": "", "messageID": "", "localID": "", "messageType": 0,
		},
		"forwardFrom": obj{"userID": "", "xcUserID": "", "fullname": "", "messageID": "", "localID": ""},
		"room":        roomShape, "user": userShape, "recipientID": "", "action": "",
		"target":    obj{"targetType": "", "targetID": "", "targetXCID": "", "targetName": ""},
		"isSending": false, "isDelivered": false, "isRead": false, "isDeleted": false, "isMessageEdited": false,
		"created": 0, "updated": 0, "deleted": 0,
	}
)

// checkShape reports every key of text that is missing, too many or of another type.
func checkShape(t testing.TB, what string, text []byte, shape obj) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var got any
	if err := d.Decode(&got); err != nil {
		t.Fatalf("%s: %v: %s", what, err, text)
	}
	compareShape(t, what, got, shape)
}

func compareShape(t testing.TB, what string, got, want any) {
	t.Helper()
	right := false
	switch w := want.(type) {
	case string:
		_, right = got.(string)
	case bool:
		_, right = got.(bool)
	case int: // a whole number: some SDKs cast it
		var n json.Number
		if n, right = got.(json.Number); right {
			_, err := n.Int64()
			right = err == nil
		}
	case obj:
		var m map[string]any
		if m, right = got.(map[string]any); right {
			if g, w := slices.Sorted(maps.Keys(m)), slices.Sorted(maps.Keys(w)); !slices.Equal(g, w) {
				t.Errorf("%s has the keys %v, want %v", what, g, w)
			}
			for key, part := range w {
				compareShape(t, what+"."+key, m[key], part)
			}
		}
	}
	if !right {
		t.Errorf("%s is %v, want the type of %v", what, got, want)
	}
}

// TestEchoIsComplete: SDKs replace what they have by the echo and read it without guards,
// so nothing may be missing, whatever they themselves have left out.
func TestEchoIsComplete(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		group := makeGroup(t, ana, bo)
		pair := ana.UserID + "-" + bo.UserID
		for _, room := range []string{group, pair} {
			for name, fields := range map[string]obj{
				"as web sends it": {
					"user": obj{"userID": bo.UserID, "fullname": "not me"}, "messageID": "777", "isSending": true,
					"isRead": true, "isDelivered": true, "isDeleted": true, "created": 1, "updated": 1, "recipientID": "9999",
					"bytesUpload": 5, "percentageUpload": 50, "action": "room/delete", "isMessageEdited": true,
				},
				"with nulls, as Android does": {
					"user": nil, "quote": nil, "replyTo": nil, "forwardFrom": nil, "target": nil, "action": nil, "deleted": nil,
					"data": nil, "filterID": nil, "isHidden": nil, "isFailedSend": false,
				},
				"with empty objects": {"quote": obj{}, "replyTo": obj{}, "forwardFrom": obj{}, "target": obj{}, "user": obj{}},
			} {
				local := cipher.NewLocalID()
				draft := servertest.Draft(t, room, local, "hello")
				maps.Copy(draft, fields)
				ana.Emit(t, "chat/sendMessage", draft)
				var ids []string
				for _, d := range []*servertest.Device{ana, bo} {
					e := d.Next(t, name, func(e servertest.Event) bool { return e.Message.LocalID == local })
					checkShape(t, "a message sent "+name, e.Data, messageShape)
					m := e.Message
					if m.MessageID == "0" || m.MessageID == "777" || m.User.UserID != ana.UserID || m.User.Fullname != "Name of ana" ||
						m.IsSending || m.IsRead || m.IsDelivered || m.IsDeleted || m.IsHidden || m.IsMessageEdited ||
						m.Created < 2 || m.Updated != m.Created || m.Data != "" || m.Action != "" || m.Target.TargetID != "0" || m.Text(t) != "hello" {
						t.Errorf("%s: %+v", name, m)
					}
					if want := map[string]string{group: "0", pair: bo.UserID}[room]; m.RecipientID != want {
						t.Errorf("%s to %s: recipient %q, want %q", name, room, m.RecipientID, want)
					}
					ids = append(ids, m.MessageID)
				}
				if ids[0] != ids[1] {
					t.Errorf("one message has the ids %v", ids)
				}
			}
		}
	})
}

// TestFramesAreTakenInBothKinds: web sends text, the others binary. What comes back has
// one object and no newline, as TestDevice's reader splits by newlines and decodes all.
func TestFramesAreTakenInBothKinds(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "a1").Connect(t)
		own := ana.UserID + "-" + ana.UserID
		text := ana.Send(t, own, "as text")
		until(t, ana, text)
		local := cipher.NewLocalID()
		frame, err := json.Marshal(obj{"eventName": "chat/sendMessage", "data": servertest.Draft(t, own, local, "as bytes")})
		if err != nil {
			t.Fatal(err)
		}
		ana.EmitRaw(t, string(frame))
		until(t, ana, local)
	})
}

// TestOwnRoom: what one writes to oneself has arrived and is read.
func TestOwnRoom(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, other := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "ana", "a2").Connect(t)
		own := ana.UserID + "-" + ana.UserID
		local := ana.Send(t, own, "milk")
		for _, d := range []*servertest.Device{ana, other} {
			m := d.NextMessage(t)
			if m.LocalID != local || m.RecipientID != ana.UserID || m.Room.RoomID != own || m.Room.Name != "Name of ana" || !m.IsRead || !m.IsDelivered {
				t.Errorf("%s got %+v", d.Name, m)
			}
		}
		list, _ := messages(t, ana, "room_list_and_unread", nil)
		if len(list) != 1 || list[0].LocalID != local || !list[0].IsRead {
			t.Errorf("the list of rooms: %+v", list)
		}
	})
}

// TestPersonalRoomByViewer: each of the two sees the other's name, and the ids are in the
// order of numbers, not of texts.
func TestPersonalRoomByViewer(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		a := s.Default()
		// On a server of its own, ids are low: some pair is 9 and 10.
		var nine, ten *servertest.Device
		for i := 0; nine == nil || ten == nil; i++ {
			d := a.SignIn(t, fmt.Sprint("user", i), "device")
			switch d.UserID {
			case "9":
				nine = d.Connect(t)
			case "10":
				ten = d.Connect(t)
			}
			if i > 20 {
				t.Fatal("users' ids are not in order")
			}
		}
		outcast := ten.Send(t, "10-9", "in the order of texts")
		local := ten.Send(t, "9-10", "in the order of numbers")
		for _, d := range []*servertest.Device{nine, ten} {
			m := d.NextMessage(t)
			if m.LocalID == outcast {
				t.Fatalf("%s got what was sent to 10-9, in %s", d.UserID, m.Room.RoomID)
			}
			other := map[string]*servertest.Device{"9": ten, "10": nine}[d.UserID]
			var user struct{ User struct{ Fullname string } }
			d.Call(t, "client/user/get_by_id", obj{"id": other.UserID}, &user)
			if m.LocalID != local || m.Room.RoomID != "9-10" || m.RecipientID != "9" || m.Room.Name != user.User.Fullname {
				t.Errorf("%s sees %+v to %s", d.UserID, m.Room, m.RecipientID)
			}
		}
	})
}

// TestRepeatedMessage: a message sent again is stored once and echoed to the device that
// repeats it, to nobody else; a localID of somebody else's is refused.
func TestRepeatedMessage(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		tablet := a.SignIn(t, "ana", "a2").Connect(t)
		room := makeGroup(t, ana, bo, tablet)
		local := ana.Send(t, room, "once")
		first := ana.NextMessage(t)
		until(t, bo, local)
		until(t, tablet, local)
		for range 3 {
			ana.Emit(t, "chat/sendMessage", servertest.Draft(t, room, local, "another text"))
			if m := ana.NextMessage(t); m.LocalID != local || m.MessageID != first.MessageID || m.Text(t) != "once" || m.Created != first.Created {
				t.Errorf("the second echo is %+v", m)
			}
		}
		// To another room it is the same message still.
		ana.Emit(t, "chat/sendMessage", servertest.Draft(t, ana.UserID+"-"+ana.UserID, local, "elsewhere"))
		if m := ana.NextMessage(t); m.Room.RoomID != room {
			t.Errorf("repeated to another room, it is in %s", m.Room.RoomID)
		}
		bo.Emit(t, "chat/sendMessage", servertest.Draft(t, room, local, "bo's"))
		answer := bo.Try(t, "chat/message/send/custom", obj{"roomID": room, "localID": local, "messageType": 1001, "body": "bo's"})
		if answer.Error.Code != "40901" {
			t.Errorf("bo sends under ana's localID: %s", answer.Body)
		}
		quiet(t, "repeats", bo, room, ana, bo, tablet)
		list, _ := messages(t, bo, "list_by_room/before", obj{"roomID": room})
		if n := slices.Index(localIDs(list), local); n != 1 || len(list) != 3 || list[1].Text(t) != "once" {
			t.Errorf("the room has %d messages, the one in question at %d", len(list), n)
		}
	})
}

// TestReceiptsInAGroup: a read message is news to its sender and to the reader, and to
// nobody else.
func TestReceiptsInAGroup(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t), a.SignIn(t, "cy", "c1").Connect(t)
		laptop, phone := a.SignIn(t, "ana", "a2").Connect(t), a.SignIn(t, "bo", "b2").Connect(t)
		all := []*servertest.Device{ana, laptop, bo, phone, cy}
		room := makeGroup(t, ana, bo, cy, laptop, phone)
		local := ana.Send(t, room, "read me")
		var id string
		for _, d := range all {
			m := d.NextMessage(t)
			if id = m.MessageID; m.IsRead || m.IsDelivered {
				t.Errorf("%s: new, and read %t, delivered %t", d.Name, m.IsRead, m.IsDelivered)
			}
		}
		var updated struct{ UpdatedMessageIDs []string }
		feedback := func(d *servertest.Device, kind string, body any, want ...string) {
			t.Helper()
			d.Call(t, "chat/message/feedback/"+kind, body, &updated)
			if !slices.Equal(updated.UpdatedMessageIDs, want) {
				t.Errorf("%s, %s %v: updated %v, want %v", d.Name, kind, body, updated.UpdatedMessageIDs, want)
			}
		}
		feedback(bo, "delivered", obj{"messageIDs": list{id}}, id)
		for _, d := range []*servertest.Device{ana, laptop} {
			if m := d.NextUpdate(t); m.LocalID != local || !m.IsDelivered || m.IsRead {
				t.Errorf("%s learns of the delivery %+v", d.Name, m)
			}
		}
		// What does not apply is passed over, and a repeat is told to nobody.
		feedback(bo, "delivered", obj{"messageIDs": list{id, id, "0", "abc", 99_999_999, nil}})
		feedback(ana, "read", obj{"messageIDs": list{id}})
		feedback(cy, "read", obj{"messageIDs": list{}})
		stranger := a.SignIn(t, "dan", "d1")
		feedback(stranger, "read", obj{"messageIDs": list{id}})
		quiet(t, "a repeated delivery", ana, room, all...)

		// Some SDKs wrap the body into itself when they repeat a call.
		feedback(bo, "read", obj{"messageIDs": obj{"messageIDs": list{id}}}, id)
		for _, d := range []*servertest.Device{ana, laptop, bo, phone} {
			if m := d.NextUpdate(t); m.LocalID != local || !m.IsDelivered || !m.IsRead || m.Text(t) != "read me" {
				t.Errorf("%s learns of the reading %+v", d.Name, m)
			}
		}
		feedback(bo, "read", obj{"messageIDs": list{id}})
		quiet(t, "somebody's reading", ana, room, all...)
		for d, want := range map[*servertest.Device]bool{ana: true, bo: true, cy: false} {
			past, _ := messages(t, d, "list_by_room/before", obj{"roomID": room, "limit": 10})
			if i := slices.Index(localIDs(past), local); i < 0 || past[i].IsRead != want {
				t.Errorf("%s sees it read: %t, want %t", d.Name, !want, want)
			}
		}
		// Each has unread: what ana has sent since, and what the reading did not cover.
		for xc, want := range map[string]int{"ana": 0, "bo": 2, "cy": 3} {
			rooms := ask[struct{ Rooms []struct{ UnreadCount int } }](t, a, "room/get_list_by_user", obj{"xcUserID": xc}).Rooms
			if xc != "ana" {
				want++ // the message of the room's making is ana's as well
			}
			if len(rooms) != 1 || rooms[0].UnreadCount != want {
				t.Errorf("%s has %+v unread, want %d", xc, rooms, want)
			}
		}
	})
}

// TestEdits: an edit takes the body, the data and the type, from the sender alone and
// only of what can be edited.
func TestEdits(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		room := makeGroup(t, ana, bo)
		seal := func(local, text string) string {
			s, err := cipher.Seal(text, local)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		post := func(fields obj) servertest.Message {
			t.Helper()
			local := cipher.NewLocalID()
			draft := servertest.Draft(t, room, local, "first")
			if data, ok := fields["data"].(string); ok {
				fields["data"] = seal(local, data)
			}
			maps.Copy(draft, fields)
			ana.Emit(t, "chat/sendMessage", draft)
			until(t, bo, local)
			return ana.NextMessage(t)
		}
		edit := func(by *servertest.Device, m servertest.Message, text string, fields obj) {
			t.Helper()
			draft := servertest.Draft(t, room, m.LocalID, text)
			draft["messageID"] = m.MessageID
			if data, ok := fields["data"].(string); ok {
				fields["data"] = seal(m.LocalID, data)
			}
			maps.Copy(draft, fields)
			by.Emit(t, "chat/updateMessage", draft)
		}

		text := post(obj{"quote": obj{"title": "kept", "content": ""}, "filterID": "f"})
		edit(ana, text, "with a link", obj{
			"type": 1010, "data": `{"url":"https://example.com","urls":["https://example.com"]}`, "filterID": "other", "isHidden": true,
			"quote": obj{"title": `"kept"`}, "created": 5, "room": obj{"roomID": "g99999"}, "user": obj{"userID": bo.UserID},
		})
		for _, d := range []*servertest.Device{ana, bo} {
			e := nextNamed(t, d, "chat/updateMessage")
			checkShape(t, "an edited message", e.Data, messageShape)
			m := e.Message
			if m.Text(t) != "with a link" || m.Type != 1010 || !m.IsMessageEdited || m.Quote.Title != "kept" || m.FilterID != "f" ||
				m.IsHidden || m.Created != text.Created || m.Updated <= m.Created || m.Room.RoomID != room || m.User.UserID != ana.UserID ||
				m.MessageID != text.MessageID {
				t.Errorf("edited: %+v", m)
			}
			if data, err := cipher.Decrypt(m.Data, m.LocalID); err != nil || !strings.Contains(data, "example.com") {
				t.Errorf("the edited data: %q, %v", data, err)
			}
		}
		edit(ana, text, "the link is gone", obj{"type": 1001, "data": nil})
		for _, d := range []*servertest.Device{ana, bo} {
			if m := d.NextUpdate(t); m.Text(t) != "the link is gone" || m.Type != 1001 || m.Data != "" {
				t.Errorf("edited back: %+v", m)
			}
		}

		// The web SDK changes the caption alone; the body follows it.
		picture := post(obj{"type": 1002, "data": `{"fileID":"x","caption":""}`})
		for caption, want := range map[string]string{"a cat": "🖼 a cat", "": "🖼 Photo"} {
			data, err := json.Marshal(obj{"fileID": "x", "caption": caption})
			if err != nil {
				t.Fatal(err)
			}
			edit(ana, picture, "what the body was before", obj{"type": 1002, "data": string(data)})
			for _, d := range []*servertest.Device{ana, bo} {
				if m := d.NextUpdate(t); m.Text(t) != want || m.Type != 1002 {
					t.Errorf("caption %q makes the body %q, want %q", caption, m.Text(t), want)
				}
			}
		}

		custom, gone := post(obj{"type": 3001}), post(nil)
		ana.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{gone.MessageID}, "forEveryone": true}, nil)
		ana.NextUpdate(t)
		bo.NextUpdate(t)
		system, _ := messages(t, ana, "list_by_room/after", obj{"roomID": room})
		edit(bo, text, "another's", nil)
		edit(ana, picture, "a picture becomes a text", obj{"type": 1001})
		edit(ana, text, "a text becomes a system message", obj{"type": 9001})
		edit(ana, text, strings.Repeat("x", 4001), nil)
		edit(ana, custom, "a custom one", obj{"type": 3001})
		edit(ana, gone, "a deleted one", nil)
		edit(ana, system[0], "a system message", obj{"type": 9001})
		edit(ana, system[0], "a system message as a text", nil)
		edit(ana, servertest.Message{LocalID: cipher.NewLocalID()}, "one that nobody has sent", nil)
		quiet(t, "refused edits", ana, room, ana, bo)
	})
}

// TestDeletedContentIsGone: what was deleted for everyone is in no answer and nowhere in
// the database; the rest of the message keeps its place.
func TestDeletedContentIsGone(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		room := makeGroup(t, ana, bo)
		local := cipher.NewLocalID()
		draft := servertest.Draft(t, room, local, "a secret")
		draft["quote"] = obj{"title": "a quoted secret", "content": draft["body"]}
		draft["data"] = `{"caption":"also secret"}`
		bo.Emit(t, "chat/sendMessage", draft)
		m := ana.NextMessage(t)
		bo.NextMessage(t)
		var done struct{ DeletedMessageIDs []string }
		// ana is the group's admin, so she may.
		ana.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{m.MessageID, "0", "77777777"}, "forEveryone": true}, &done)
		if !slices.Equal(done.DeletedMessageIDs, []string{m.MessageID}) {
			t.Errorf("deleted: %v", done.DeletedMessageIDs)
		}
		for _, d := range []*servertest.Device{ana, bo} {
			e := nextNamed(t, d, "chat/updateMessage")
			checkShape(t, "a deleted message", e.Data, messageShape)
			if g := e.Message; g.LocalID != local || !g.IsDeleted || g.Deleted == 0 || g.Data != "" || g.Quote.Title+g.Quote.Content != "" || g.Text(t) != "" || g.IsHidden {
				t.Errorf("deleted: %+v", g)
			}
		}
		ana.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{m.MessageID}, "forEveryone": true}, nil)
		quiet(t, "deleting it again", ana, room, ana, bo)
		past, _ := messages(t, bo, "list_by_room/before", obj{"roomID": room})
		if len(past) != 3 || past[1].LocalID != local || !past[1].IsDeleted || past[1].Text(t) != "" {
			t.Errorf("the past: %+v", past)
		}
		rows := storetest.Query(t, server.StoreOptions(a.Config), "SELECT body || data || CAST(quote AS TEXT) FROM messages WHERE local_id = '"+local+"'")
		if len(rows) != 1 || strings.Contains(rows[0], m.Body) || strings.Contains(rows[0], "quoted") || strings.Contains(rows[0], m.Data) {
			t.Errorf("the database keeps %v", rows)
		}
	})
}

// TestDeletedForMe is told to the devices of who did it, and nobody else sees any of it.
func TestDeletedForMe(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		phone, cy := a.SignIn(t, "bo", "b2").Connect(t), a.SignIn(t, "cy", "c1").Connect(t)
		room := makeGroup(t, ana, bo, phone, cy)
		local := bo.Send(t, room, "I did not say that")
		for _, d := range []*servertest.Device{ana, phone, cy} {
			until(t, d, local)
		}
		m := bo.NextMessage(t)
		bo.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{m.MessageID}, "forEveryone": false}, nil)
		for _, d := range []*servertest.Device{bo, phone} {
			if m := d.NextUpdate(t); m.LocalID != local || !m.IsDeleted || !m.IsHidden {
				t.Errorf("%s learns %+v", d.Name, m)
			}
		}
		quiet(t, "deleting for oneself", cy, room, ana, cy, bo, phone)
		for d, want := range map[*servertest.Device]bool{ana: false, bo: true, phone: true, cy: false} {
			past, _ := messages(t, d, "list_by_room/before", obj{"roomID": room})
			i := slices.Index(localIDs(past), local)
			if i < 0 || past[i].IsDeleted != want || past[i].IsHidden != want {
				t.Errorf("%s sees it deleted: %t, want %t", d.Name, !want, want)
			}
		}
	})
}

// TestRemovedMember: the message of the removal is the last that a member gets, and the
// end of what the member may read.
func TestRemovedMember(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t), a.SignIn(t, "cy", "c1").Connect(t)
		room := makeGroup(t, ana, bo, cy)
		if answer := cy.Try(t, "client/room/participants/remove", obj{"roomID": room, "userIDs": list{bo.UserID}}); answer.Error.Code != "40301" {
			t.Errorf("one who is no admin removes another: %s", answer.Body)
		}
		ana.Call(t, "client/room/participants/remove", obj{"roomID": room, "userIDs": list{bo.UserID, bo.UserID, "0"}}, nil)
		var end servertest.Message
		for _, d := range []*servertest.Device{ana, bo, cy} {
			if end = nextAction(t, d, "room/removeParticipant"); end.Target.TargetID != bo.UserID || end.User.UserID != ana.UserID {
				t.Errorf("%s learns %+v", d.Name, end)
			}
		}
		bo.Send(t, room, "am I still here?")
		bo.Emit(t, "chat/startTyping", obj{"roomID": room})
		quiet(t, "one who was removed writes", ana, room, ana, cy)
		// Something else of ana's shows that nothing of the room was on its way to bo.
		local := ana.Send(t, ana.UserID+"-"+bo.UserID, "sorry")
		if got := about(until(t, bo, local)); len(got) > 0 {
			t.Errorf("the removed one still gets %v", got)
		}
		for _, path := range []string{"list_by_room/before", "list_by_room/after"} {
			past, _ := messages(t, bo, path, obj{"roomID": room})
			if len(past) != 2 || !slices.Contains(localIDs(past), end.LocalID) {
				t.Errorf("%s: the removed one reads %d messages", path, len(past))
			}
		}
		stranger := a.SignIn(t, "dan", "d1")
		for _, path := range []string{"list_by_room/before", "list_by_room/after"} {
			if answer := stranger.Try(t, "chat/message/"+path, obj{"roomID": room}); answer.Error.Code != "40301" {
				t.Errorf("a stranger reads: %s", answer.Body)
			}
		}
		if answer := stranger.Try(t, "chat/message/list_by_room/before", obj{"roomID": ana.UserID + "-" + bo.UserID}); answer.Error.Code != "40401" {
			t.Errorf("a stranger reads a personal room: %s", answer.Body)
		}
		if list, more := messages(t, stranger, "list_by_room/before", obj{"roomID": pairOf(stranger, ana)}); len(list) != 0 || more {
			t.Errorf("a room that is not there yet has %d messages", len(list))
		}
	})
}

// pairOf is the personal room of two, the first of whom has the higher id.
func pairOf(higher, lower *servertest.Device) string { return lower.UserID + "-" + higher.UserID }

// TestGroupIsDeleted needs an admin and the SDKs' checksum, ends the room for all, and
// leaves its past.
func TestGroupIsDeleted(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		room := makeGroup(t, ana, bo)
		checksum := func(d *servertest.Device) string {
			sum := md5.Sum([]byte(fmt.Sprintf("%s:2:%s:%d", room, d.UserID, d.AccessExpiry)))
			return hex.EncodeToString(sum[:])
		}
		try := func(d *servertest.Device, sum string) string {
			return d.Try(t, "client/room/delete", obj{"roomID": room, "checksum": sum}).Error.Code
		}
		for who, code := range map[string]string{
			"without a checksum": try(ana, ""), "with another's": try(ana, checksum(bo)), "without being an admin": try(bo, checksum(bo)),
		} {
			if want := map[bool]string{true: "40002", false: "40301"}[who == "without a checksum"]; code != want {
				t.Errorf("deleting %s: code %q, want %q", who, code, want)
			}
		}
		quiet(t, "refused deletions", ana, room, ana, bo)
		old := checksum(ana)
		ana.RefreshTokens(t)
		if old != checksum(ana) { // two tokens of one millisecond have the same end
			if code := try(ana, old); code != "40301" {
				t.Errorf("with the checksum of the token before: %q", code)
			}
		}
		var result struct {
			Success bool
			Message string
		}
		ana.Call(t, "client/room/delete", obj{"roomID": room, "checksum": checksum(ana)}, &result)
		if !result.Success || result.Message == "" {
			t.Errorf("deleting: %+v", result)
		}
		for _, d := range []*servertest.Device{ana, bo} {
			if m := nextAction(t, d, "room/delete"); !m.Room.IsDeleted {
				t.Errorf("%s: the last message shows the room %+v", d.Name, m.Room)
			}
		}
		ana.Call(t, "client/room/delete", obj{"roomID": room, "checksum": checksum(ana)}, &result)
		if result.Success || result.Message == "" {
			t.Errorf("deleting it again: %+v", result)
		}
		ana.Send(t, room, "is anybody there?")
		bo.Emit(t, "chat/startTyping", obj{"roomID": room})
		local := ana.Send(t, ana.UserID+"-"+ana.UserID, "nobody")
		if got := about(until(t, ana, local)); len(got) > 0 {
			t.Errorf("a deleted room still tells of %v", got)
		}
		if list, _ := messages(t, bo, "room_list_and_unread", nil); len(list) != 0 {
			t.Errorf("the list of rooms has %d messages", len(list))
		}
	})
}

// TestAdmins: they make others admins and take that away, and a group always has one.
func TestAdmins(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		room := makeGroup(t, ana, bo)
		body := func(d *servertest.Device) obj { return obj{"roomID": room, "userIDs": list{d.UserID}} }
		var result struct {
			Success bool
			Message string
		}
		ana.Call(t, "client/room/leave", obj{"roomID": room}, &result)
		if result.Success || result.Message == "" {
			t.Errorf("the last admin leaves: %+v", result)
		}
		for what, answer := range map[string]servertest.Answer{
			"a member promotes":            bo.Try(t, "client/room/admins/promote", body(bo)),
			"a member demotes":             bo.Try(t, "client/room/admins/demote", body(ana)),
			"the last admin demotes":       ana.Try(t, "client/room/admins/demote", body(ana)),
			"a member renames":             bo.Try(t, "client/room/update", obj{"roomID": room, "name": "Bo's"}),
			"a member adds":                bo.Try(t, "client/room/participants/add", body(bo)),
			"an admin of nothing promotes": ana.Try(t, "client/room/admins/promote", obj{"roomID": ana.UserID + "-" + ana.UserID, "userIDs": list{ana.UserID}}),
		} {
			if want := map[bool]string{true: "40401", false: "40301"}[strings.Contains(what, "nothing")]; answer.Error.Code != want {
				t.Errorf("%s: %s", what, answer.Body)
			}
		}
		quiet(t, "what was refused", ana, room, ana, bo)
		var now roomAnswer
		ana.Call(t, "client/room/admins/promote", body(bo), &now)
		if want := []string{ana.UserID, bo.UserID}; !slices.Equal(slices.Sorted(slices.Values(now.AdminUserIDs)), slices.Sorted(slices.Values(want))) {
			t.Errorf("admins: %v", now.AdminUserIDs)
		}
		ana.Call(t, "client/room/admins/promote", body(bo), nil) // changes nothing
		bo.Call(t, "client/room/admins/demote", body(ana), &now)
		if !slices.Equal(now.AdminUserIDs, []string{bo.UserID}) {
			t.Errorf("admins after the change: %v", now.AdminUserIDs)
		}
		bo.Call(t, "client/room/update", obj{"roomID": room, "name": "Bo's"}, nil)
		ana.Call(t, "client/room/leave", obj{"roomID": room}, &result)
		if !result.Success {
			t.Errorf("ana leaves: %+v", result)
		}
		want := []string{"room/promoteAdmin", "room/demoteAdmin", "room/update", "room/leave"}
		for _, d := range []*servertest.Device{ana, bo} {
			for _, action := range want {
				e := d.Next(t, action, func(e servertest.Event) bool { return e.EventName == "chat/sendMessage" })
				if m := e.Message; m.Action != action {
					t.Errorf("%s got %q, want %q", d.Name, m.Action, action)
				} else if action == "room/update" && m.Room.Name != "Bo's" {
					t.Errorf("the renamed room is called %q", m.Room.Name)
				}
			}
		}
	})
}

// TestTyping goes to the others in the room, complete, and to no device of who types.
func TestTyping(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, tablet := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "ana", "a2").Connect(t)
		bo, cy := a.SignIn(t, "bo", "b1").Connect(t), a.SignIn(t, "cy", "c1").Connect(t)
		stranger := a.SignIn(t, "dan", "d1").Connect(t)
		room := makeGroup(t, ana, tablet, bo, cy)
		for _, data := range []obj{
			{"roomID": room, "user": nil}, {"roomID": room}, {"roomID": room, "user": obj{"userID": bo.UserID}},
		} {
			for _, name := range []string{"chat/startTyping", "chat/stopTyping"} {
				ana.Emit(t, name, data)
				for _, d := range []*servertest.Device{bo, cy} {
					e := d.Next(t, name, func(e servertest.Event) bool { return strings.HasSuffix(e.EventName, "Typing") })
					if e.EventName != name {
						t.Errorf("%s got %s, want %s", d.Name, e.EventName, name)
					}
					checkShape(t, name, e.Data, obj{"roomID": "", "user": userShape})
					var got struct {
						RoomID string
						User   struct{ UserID string }
					}
					if err := json.Unmarshal(e.Data, &got); err != nil || got.RoomID != room || got.User.UserID != ana.UserID {
						t.Errorf("%s got %s", d.Name, e.Data)
					}
				}
			}
		}
		stranger.Emit(t, "chat/startTyping", obj{"roomID": room})
		// The frames of one socket are taken in order, so the stranger's typing has been by
		// the time this comes.
		until(t, stranger, stranger.Send(t, stranger.UserID+"-"+stranger.UserID, "done"))
		quiet(t, "typing", bo, room, ana, tablet, bo, cy)

		// A socket that goes takes its typing with it.
		ana.Emit(t, "chat/startTyping", obj{"roomID": room})
		nextNamed(t, bo, "chat/startTyping")
		ana.Disconnect()
		nextNamed(t, bo, "chat/stopTyping")
	})
}

// TestRoomPreferences are told to the devices of who sets them and to nobody else.
func TestRoomPreferences(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, tablet, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "ana", "a2").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		room := makeGroup(t, ana, tablet, bo)
		far := int64(4_102_444_800_000)
		for _, tt := range []struct {
			path, event, answer string
			body                obj
			expires             int64 // -1: no such key, which alone means a mute to some SDKs
		}{
			{"mark_as_unread", "room/markAsUnread", "unreadRoomIDs", obj{}, -1},
			{"mute", "room/mute", "mutedRoomIDs", obj{"expiredAt": far}, far},
			{"mute", "room/mute", "mutedRoomIDs", obj{"expiredAt": 0}, 0},
			{"unmute", "room/unmute", "unmutedRoomIDs", obj{"expiredAt": 0}, -1},
			{"pin", "room/pin", "pinnedRoomIDs", obj{"expiredAt": 0}, -1},
			{"unpin", "room/unpin", "unpinnedRoomIDs", obj{"expiredAt": 0}, -1},
			{"clear_chat", "room/clearChat", "clearedRoomIDs", obj{}, -1},
		} {
			body := obj{"roomIDs": list{room, "g999999", bo.UserID + "-" + bo.UserID, "nonsense"}}
			maps.Copy(body, tt.body)
			var data map[string][]string
			ana.Call(t, "client/room/"+tt.path, body, &data)
			if len(data) != 1 || !slices.Equal(data[tt.answer], []string{room}) {
				t.Errorf("%s answers %v", tt.path, data)
			}
			for _, d := range []*servertest.Device{ana, tablet} {
				e := d.Next(t, tt.event, func(e servertest.Event) bool { return strings.HasPrefix(e.EventName, "room/") })
				if e.EventName != tt.event {
					t.Errorf("%s: %s got %s", tt.path, d.Name, e.EventName)
				}
				shape := obj{"room": roomShape}
				if tt.expires >= 0 {
					shape["expiredAt"] = 0
				}
				checkShape(t, tt.event, e.Data, shape)
				var got struct{ ExpiredAt int64 }
				if err := json.Unmarshal(e.Data, &got); err != nil || got.ExpiredAt != max(tt.expires, 0) {
					t.Errorf("%s: %s", tt.event, e.Data)
				}
			}
		}
		// bo has heard nothing of it, and still has all that ana has cleared.
		quiet(t, "another's settings", ana, room, bo)
		if list, _ := messages(t, bo, "list_by_room/before", obj{"roomID": room}); len(list) != 2 {
			t.Errorf("bo has %d messages after ana's clearing", len(list))
		}
		if list, _ := messages(t, tablet, "list_by_room/before", obj{"roomID": room}); len(list) != 1 {
			t.Errorf("ana has %d messages after her clearing", len(list))
		}
	})
}

// TestMarkOfUnreadGoesWithReading: who reads any message of a room sees it no longer
// marked, on no device.
func TestMarkOfUnreadGoesWithReading(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
		phone := a.SignIn(t, "bo", "b2").Connect(t)
		room := makeGroup(t, ana, bo, phone)
		ana.Send(t, room, "hello")
		m := bo.NextMessage(t)
		bo.Call(t, "client/room/mark_as_unread", obj{"roomIDs": list{room}}, nil)
		nextNamed(t, phone, "room/markAsUnread")
		marked := func() []string {
			var data struct{ UnreadRoomIDs []string }
			phone.Call(t, "client/room/get_unread_room_ids", nil, &data)
			return data.UnreadRoomIDs
		}
		if got := marked(); !slices.Equal(got, []string{room}) {
			t.Errorf("marked as unread: %v", got)
		}
		bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{m.MessageID}}, nil)
		nextNamed(t, phone, "room/markAsRead")
		if got := marked(); len(got) > 0 {
			t.Errorf("still marked as unread: %v", got)
		}
	})
}

// TestPagesOfARoom walks through a room backwards, and catches up with it from any point.
func TestPagesOfARoom(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1")
		room := pairOf(bo, ana)
		var sent []servertest.Message
		for i := range 23 {
			ana.Send(t, room, fmt.Sprint("message ", i))
			sent = append(sent, ana.NextMessage(t))
		}
		want := localIDs(sent)
		var walked []string
		for before, more := int64(0), true; more; {
			var page []servertest.Message
			page, more = messages(t, bo, "list_by_room/before", obj{"roomID": room, "maxCreated": before, "limit": 7})
			if len(page) == 0 || len(page) > 7 {
				t.Fatalf("a page of %d messages", len(page))
			}
			for _, m := range page {
				if before > 0 && m.Created >= before {
					t.Errorf("a page before %d has %d", before, m.Created)
				}
				before = m.Created
				walked = append(walked, m.LocalID)
			}
		}
		slices.Reverse(walked)
		if !slices.Equal(walked, want) {
			t.Errorf("walked backwards over %v, want %v", walked, want)
		}
		for _, tt := range []struct {
			name string
			body obj
			from int
		}{
			{"nothing loaded", obj{"minCreated": 0, "lastUpdated": 0, "maxCreated": nil}, 0},
			{"all loaded", obj{"minCreated": sent[0].Created, "lastUpdated": sent[22].Updated}, 22},
			{"some loaded", obj{"minCreated": sent[5].Created, "lastUpdated": sent[9].Updated}, 9},
			{"first use", obj{"minCreated": sent[5].Created, "lastUpdated": sent[5].Created}, 5},
		} {
			tt.body["roomID"] = room
			page, _ := messages(t, bo, "list_by_room/after", tt.body)
			if got := localIDs(page); !slices.Equal(got, want[tt.from:]) {
				t.Errorf("%s: %d messages, want the %d newest, the oldest first", tt.name, len(got), 23-tt.from)
			}
		}
		// An old message that changes comes again, if it is within what the device holds.
		ana.Emit(t, "chat/updateMessage", servertest.Draft(t, room, want[8], "edited"))
		ana.NextUpdate(t)
		page, _ := messages(t, bo, "list_by_room/after", obj{"roomID": room, "minCreated": sent[5].Created, "lastUpdated": sent[22].Updated})
		if got := localIDs(page); !slices.Equal(got, []string{want[8], want[22]}) {
			t.Errorf("after an edit: %d messages", len(got))
		}
		page, _ = messages(t, bo, "list_by_room/after", obj{"roomID": room, "minCreated": sent[15].Created, "lastUpdated": sent[22].Updated})
		if got := localIDs(page); !slices.Equal(got, []string{want[22]}) {
			t.Errorf("after an edit out of reach: %d messages", len(got))
		}
	})
}

// TestEachDeviceCatchesUpByItself: what one device has been given, another still gets.
func TestEachDeviceCatchesUpByItself(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "a1").Connect(t)
		phone, laptop := a.SignIn(t, "bo", "b1"), a.SignIn(t, "bo", "b2")
		room := pairOf(phone, ana)
		caughtUp := func(d *servertest.Device, want ...string) {
			t.Helper()
			list, _ := messages(t, d, "new_and_updated", nil)
			if got := localIDs(list); !slices.Equal(got, want) {
				t.Errorf("%s catches up with %v, want %v", d.Name, got, want)
			}
		}
		send := func() (local, id string) {
			t.Helper()
			local = ana.Send(t, room, "hello")
			return local, ana.NextMessage(t).MessageID
		}
		first, firstID := send()
		caughtUp(phone, first)
		caughtUp(laptop, first)
		second, _ := send()
		caughtUp(phone, second)
		third, _ := send()
		caughtUp(phone, third)
		caughtUp(laptop, second, third)
		// What bo reads on one device is news to the other, and to the one as well.
		phone.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{firstID}}, nil)
		caughtUp(laptop, first)
		caughtUp(laptop)
		// Another login of a device is the same device.
		again := a.SignIn(t, "bo", "b2")
		caughtUp(again)
		fourth, _ := send()
		caughtUp(again, fourth)
	})
}

// TestOneOrderForAll: however many write at the same time, the times of a room's messages
// increase, and every device gets them in that order, each once.
func TestOneOrderForAll(t *testing.T) {
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		const writers, each = 6, 25
		var devices []*servertest.Device
		for i := range writers {
			devices = append(devices, a.SignIn(t, fmt.Sprint("writer", i), "w1").Connect(t))
		}
		devices = append(devices, a.SignIn(t, "writer0", "w2").Connect(t), a.SignIn(t, "reader", "r1").Connect(t))
		room := makeGroup(t, devices[0], devices[1:]...)
		var wg sync.WaitGroup
		own := make([][]string, writers)
		for i := range writers {
			wg.Go(func() {
				for n := range each {
					local := cipher.NewLocalID()
					own[i] = append(own[i], local)
					devices[i].Emit(t, "chat/sendMessage", servertest.Draft(t, room, local, fmt.Sprint(i, n)))
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		var order []string
		for _, d := range devices {
			var got []string
			var last servertest.Message
			for range writers * each {
				m := d.NextMessage(t)
				if m.Created <= last.Created || len(m.MessageID) < len(last.MessageID) || len(m.MessageID) == len(last.MessageID) && m.MessageID <= last.MessageID {
					t.Errorf("message %s of %d comes behind %s of %d", m.MessageID, m.Created, last.MessageID, last.Created)
				}
				last = m
				got = append(got, m.LocalID)
			}
			if order == nil {
				order = got
			}
			if !slices.Equal(got, order) {
				t.Errorf("%s of %s got another order", d.Name, d.UserID)
			}
		}
		for i, sent := range own {
			var got []string
			for _, local := range order {
				if slices.Contains(sent, local) {
					got = append(got, local)
				}
			}
			if !slices.Equal(got, sent) {
				t.Errorf("the messages of writer %d are not in the order of sending", i)
			}
		}
	})
}
