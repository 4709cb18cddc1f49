package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

// sealed enciphers a text under a localID, as an SDK does.
func sealed(t testing.TB, text, localID string) string {
	t.Helper()
	s, err := cipher.Seal(text, localID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sdkMessage is what an app sends, its texts plain.
type sdkMessage struct {
	room, localID, text string
	kind                int    // its type
	data                string // none if ""
}

// draftOf is m as the object that an SDK sends.
func draftOf(t testing.TB, m sdkMessage) obj {
	t.Helper()
	d := servertest.Draft(t, m.room, m.localID, m.text)
	d["type"] = m.kind
	if m.data != "" {
		d["data"] = sealed(t, m.data, m.localID)
	}
	return d
}

// TestEditTypes: which messages can be edited, and into what.
func TestEditTypes(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		tests := []struct {
			name     string
			from, to int
			body     string // of the edit
			data     string
			want     string // the new text, "" where the edit is refused
		}{
			{"a text", 1001, 1001, "new", "", "new"},
			{"a text that gets a link", 1001, 1010, "new", `{"url":"x"}`, "new"},
			{"a link that becomes a text", 1010, 1001, "new", "", "new"},
			{"a picture's caption", 1002, 1002, "of an old SDK", `{"caption":"new"}`, "🖼 new"},
			{"a picture without one", 1002, 1002, "of an old SDK", `{"caption":" "}`, "🖼 Photo"},
			{"a picture with a caption elsewhere", 1002, 1002, "new", `{}`, "new"},
			{"a video's caption", 1003, 1003, "", `{"caption":"new"}`, "🎥 new"},
			{"a video without one", 1003, 1003, "new", `{"caption":null}`, "new"},
			{"as long as may be", 1001, 1001, strings.Repeat("n", 4000), "", strings.Repeat("n", 4000)},
			{"too long", 1001, 1001, strings.Repeat("n", 4001), "", ""},
			{"a caption too long", 1002, 1002, "new", `{"caption":"` + strings.Repeat("n", 4000) + `"}`, ""},
			{"a text into a picture", 1001, 1002, "new", "", ""},
			{"a picture into a text", 1002, 1001, "new", "", ""},
			{"a picture into a video", 1002, 1003, "new", "", ""},
			{"a text into a system message", 1001, 9001, "new", "", ""},
			{"a file", 1004, 1004, "new", "", ""},
			{"a place", 1005, 1005, "new", "", ""},
			{"one of the customer's own", 3001, 3001, "new", "", ""},
			{"data that is no JSON", 1001, 1001, "new", "no JSON", ""},
		}
		room := newGroup(t, ana, "Group", bo)
		for _, tt := range tests {
			local := localID(t)
			ana.Emit(t, "chat/sendMessage", draftOf(t, sdkMessage{room: room, localID: local, text: "old", kind: tt.from}))
			before := bo.NextMessage(t)
			ana.Emit(t, "chat/updateMessage",
				draftOf(t, sdkMessage{room: room, localID: local, text: tt.body, kind: tt.to, data: tt.data}))
			news := until(t, bo, ana.Send(t, room, "after the edit"))
			edited := tt.want != ""
			if (len(news) == 1) != edited || len(news) > 1 {
				t.Errorf("%s: bo hears of %q", tt.name, names(news))
				continue
			}
			shown := history(t, bo, room)[1]
			if !edited {
				if shown.Text(t) != "old" || shown.IsMessageEdited || shown.Type != tt.from || shown.Updated != before.Updated {
					t.Errorf("%s: refused, yet it is %q %+v", tt.name, shown.Text(t), shown)
				}
				continue
			}
			for _, m := range []servertest.Message{news[0].Message, shown} {
				if m.Text(t) != tt.want || m.Type != tt.to || !m.IsMessageEdited || m.Created != before.Created ||
					m.Updated <= before.Updated || m.MessageID != before.MessageID {
					t.Errorf("%s: %q %+v", tt.name, m.Text(t), m)
				}
			}
		}
	})
}

// TestWhoEdits: only the sender, and only while they could send the message again.
func TestWhoEdits(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, cy := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t),
			a.SignIn(t, "cy", "1").Connect(t)
		var made roomAnswer
		a.Must(t, "room/create_or_update", obj{
			"xcRoomID": "r", "type": 2, "name": "R", "participantXCUserIDs": list{"ana", "bo"},
		}, &made)
		room := made.Room.RoomID
		post := func() servertest.Message {
			t.Helper()
			local := ana.Send(t, room, "old")
			return bo.Next(t, "it", func(e servertest.Event) bool { return e.Message.LocalID == local }).Message
		}
		edit := func(d *servertest.Device, m servertest.Message, body string) {
			t.Helper()
			draft := servertest.Draft(t, room, m.LocalID, "new")
			if body != "" {
				draft["body"] = body
			}
			d.Emit(t, "chat/updateMessage", draft)
			heard(t, d) // it was taken, or passed over
		}
		check := func(what string, m servertest.Message, want string) {
			t.Helper()
			a.Must(t, "message/send/custom", obj{
				"messageType": 1001, "body": "a mark", "senderXCUserID": "bo", "xcRoomID": "r", "localID": localID(t),
			}, nil)
			for _, shown := range history(t, bo, room) {
				if shown.LocalID == m.LocalID && (shown.Text(t) != want || shown.IsMessageEdited != (want == "new")) {
					t.Errorf("%s: %q %+v", what, shown.Text(t), shown)
				}
			}
		}
		m := post()
		edit(bo, m, "")
		check("another participant", m, "old")
		edit(cy, m, "")
		check("a stranger", m, "old")
		edit(ana, m, "plain text")
		check("what does not decipher", m, "old")
		edit(ana, m, sealed(t, "new", localID(t)))
		check("under another message's localID", m, "old")
		edit(ana, servertest.Message{LocalID: localID(t)}, "")
		check("a message that there is not", m, "old")
		a.Must(t, "room/lock", obj{"xcRoomID": "r", "xcUserID": "bo"}, nil)
		edit(ana, m, "")
		check("in a locked room", m, "old")
		a.Must(t, "room/unlock", obj{"xcRoomID": "r", "xcUserID": "bo"}, nil)
		a.Must(t, "room/participants/remove", obj{"xcRoomID": "r", "participantXCUserIDs": list{"ana"}}, nil)
		edit(ana, m, "")
		check("from outside", m, "old")
		a.Must(t, "room/participants/add", obj{"xcRoomID": "r", "participantXCUserIDs": list{"ana"}}, nil)
		edit(ana, m, "")
		check("back again", m, "new")
		m = post()
		ana.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{m.MessageID}, "forEveryone": true}, nil)
		edit(ana, m, "")
		check("deleted", m, "")
		system := listMessages(t, ana, "chat/message/list_by_room/before", obj{"roomID": room}).Messages
		for _, m := range system {
			if m.Type == 9001 {
				edit(ana, m, "")
			}
		}
		for i, m := range listMessages(t, ana, "chat/message/list_by_room/before", obj{"roomID": room}).Messages {
			if m.Type == 9001 && (m.IsMessageEdited || m.Body != system[i].Body) {
				t.Errorf("the system message of %s was edited", m.Action)
			}
		}
	})
}

// TestEditShowsToAll: everybody in the room sees the edit at once, as their own receipts
// are; all that an edit cannot change stays as it was, whatever the frame says of it.
func TestEditShowsToAll(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t)
		bo, cy := a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "cy", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo, cy)
		local := localID(t)
		draft := servertest.Draft(t, room, local, "old")
		draft["filterID"] = "f"
		draft["quote"] = obj{
			"title": "Title", "content": sealed(t, "Content", local), "imageURL": "i", "fileID": "d", "fileType": "image",
		}
		draft["replyTo"] = obj{
			"userID": bo.UserID, "fullname": "Bo", "messageID": "7", "localID": localID(t), "messageType": 1001,
		}
		ana.Emit(t, "chat/sendMessage", draft)
		sent := bo.NextMessage(t)
		bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{sent.MessageID}}, nil)
		for _, d := range []*servertest.Device{ana, phone, bo} {
			d.NextUpdate(t) // the receipt
		}
		edit := servertest.Draft(t, pairOf(ana, bo), local, "new") // of another room, if it had the say
		edit["filterID"], edit["isHidden"], edit["created"], edit["messageID"] = "g", true, 1, "1"
		edit["quote"], edit["replyTo"], edit["user"] = obj{"title": "Other"}, obj{"userID": "1"}, obj{"userID": cy.UserID}
		phone.Emit(t, "chat/updateMessage", edit)
		for d, read := range map[*servertest.Device]bool{ana: true, phone: true, bo: true, cy: false} {
			e := d.Next(t, "the edit", func(e servertest.Event) bool { return e.EventName == "chat/updateMessage" })
			var m message
			if err := json.Unmarshal(e.Data, &m); err != nil {
				t.Fatal(err)
			}
			switch {
			case plain(t, m, m.Body) != "new", !e.Message.IsMessageEdited, m.IsRead != read, m.IsDeleted, m.IsSending:
				t.Errorf("%s sees %s", d.UserID, e.Data)
			case m.MessageID != sent.MessageID, m.Created != sent.Created, m.Room.RoomID != room, m.User.UserID != ana.UserID,
				m.FilterID != "f", m.IsHidden, m.Quote.Title != "Title", plain(t, m, m.Quote.Content) != "Content",
				m.ReplyTo.UserID != bo.UserID:
				t.Errorf("the edit has changed more than it may: %s", e.Data)
			}
		}
	})
}
