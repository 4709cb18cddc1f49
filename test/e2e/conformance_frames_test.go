package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

// messageFields are those that each SDK reads of a message without a look whether they are there.
var messageFields = map[string]string{
	"messageID": "string", "localID": "string", "type": "integer", "body": "string", "data": "string",
	"filterID": "string", "isHidden": "boolean", "isSending": "boolean", "isDelivered": "boolean", "isRead": "boolean",
	"isDeleted": "boolean", "created": "integer", "updated": "integer", "recipientID": "string", "action": "string",
	"quote.title": "string", "quote.content": "string", "quote.imageURL": "string", "quote.fileID": "string",
	"quote.fileType": "string", "replyTo.userID": "string", "replyTo.messageID": "string", "replyTo.localID": "string",
	"replyTo.messageType": "integer", "forwardFrom.userID": "string", "forwardFrom.fullname": "string",
	"forwardFrom.messageID": "string", "forwardFrom.localID": "string", "target.targetType": "string",
	"target.targetID": "string", "room.roomID": "string", "room.name": "string", "room.type": "integer",
	"room.imageURL.thumbnail": "string", "user.userID": "string", "user.fullname": "string", "user.username": "string",
}

// drafts are the messages that SDKs send, beyond localID, body and room.
var drafts = map[string]obj{
	// Android writes null for what is not set.
	"android": {
		"messageID": "0", "type": 1001, "data": nil, "filterID": nil, "isHidden": false, "quote": nil, "replyTo": nil,
		"forwardFrom": nil, "target": nil, "action": nil, "deleted": nil, "isFailedSend": false, "isSending": true,
		"isDelivered": false, "isRead": false, "isDeleted": false, "isMessageEdited": false, "recipientID": "0",
		"created": 4_000_000_000_000, "updated": 4_000_000_000_000,
	},
	// iOS leaves out what is not set, and has numbers where others have booleans.
	"ios": {
		"messageID": "0", "type": json.Number("1001.0"), "data": "", "filterID": "", "isHidden": 0, "isSending": 1,
		"isDelivered": 0, "isRead": 0, "isDeleted": 0, "recipientID": "0", "created": json.Number("1.7e12"),
		"updated": json.Number("1.7e12"),
	},
	// The web SDK says who sends, and the vendor's example adds fields of its own.
	"web": {
		"messageID": "0", "type": 1001, "data": "", "filterID": "", "isHidden": false,
		"quote":       obj{"title": "", "content": "", "imageURL": "", "fileID": "", "fileType": ""},
		"replyTo":     obj{"userID": "0", "xcUserID": "", "fullname": "", "messageID": "0", "localID": "", "messageType": 0},
		"forwardFrom": obj{"userID": "0", "xcUserID": "", "fullname": "", "messageID": "0", "localID": ""},
		"target":      obj{"targetType": "", "targetID": "0", "targetXCID": "", "targetName": ""},
		"user":        obj{"userID": "999999", "fullname": "Somebody else"}, "recipientID": "0", "action": "",
		"isSending": true, "isDelivered": false, "isRead": false, "isDeleted": false, "bytesUpload": 0, "percentageUpload": 0,
		"created": 4_000_000_000_000, "updated": 4_000_000_000_000,
	},
}

// TestReplaysOfFrames sends a message and its edit in the forms in which each SDK does. What
// everybody gets of it is whole, the same for all, and says nothing of the device's own beliefs.
func TestReplaysOfFrames(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for name, draft := range drafts {
			ana, bo := s.SignIn(t, "ana of "+name, "1").Connect(t), s.SignIn(t, "bo of "+name, "1").Connect(t)
			room := newGroup(t, ana, "Frames", bo)
			local := cipher.NewLocalID()
			emit := func(event, said string, more obj) {
				t.Helper()
				body, err := cipher.Seal(said, local)
				if err != nil {
					t.Fatal(err)
				}
				data := maps.Clone(draft)
				maps.Copy(data, obj{"localID": local, "body": body, "room": obj{
					"roomID": room, "name": "An old name", "type": 2, "isLocked": true, "onlineStatus": obj{"isOnline": true},
				}})
				maps.Copy(data, more)
				if name == "web" {
					ana.Emit(t, event, data)
					return
				}
				ana.EmitRaw(t, text(t, obj{"eventName": event, "data": data})) // the others send binary frames
			}
			hears := func(event, said string) (messageID string) {
				t.Helper()
				for _, d := range []*servertest.Device{ana, bo} {
					e := d.Next(t, event+" of "+name, func(e servertest.Event) bool {
						return e.EventName == event && e.Message.LocalID == local
					})
					checkWhole(t, name, e.Data)
					m := e.Message
					if m.Text(t) != said || m.User.UserID != ana.UserID || m.Room.Name != "Frames" || m.Room.IsLocked || m.IsSending ||
						m.Created > 3_000_000_000_000 || m.Created < 1_750_000_000_000 {
						t.Errorf("%s: %s", name, e.Data)
					}
					messageID = m.MessageID
				}
				return messageID
			}
			emit("chat/startTyping", "", obj{"roomID": room})
			emit("chat/stopTyping", "", obj{"roomID": obj{"roomID": room}}) // as the vendor's example does
			emit("chat/stopTyping", "", obj{"roomID": nil})
			emit("chat/sendMessage", "hi", nil)
			id := hears("chat/sendMessage", "hi")
			emit("chat/updateMessage", "edited", obj{"messageID": id, "isMessageEdited": true})
			hears("chat/updateMessage", "edited")
			if got := history(t, bo, room); len(got) != 1 || got[0].Text(t) != "edited" {
				t.Errorf("%s: the room holds %+v", name, got)
			}
		}
	})
}

func checkWhole(t *testing.T, name string, message []byte) {
	t.Helper()
	var value any
	d := json.NewDecoder(bytes.NewReader(message))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	for _, field := range slices.Sorted(maps.Keys(messageFields)) {
		if err := hasField(value, field, messageFields[field], true); err != nil {
			t.Errorf("%s: %s: %v: %s", name, field, err, message)
		}
	}
	if strings.Contains(fmt.Sprint(value), "<nil>") {
		t.Errorf("%s: a null: %s", name, message)
	}
}
