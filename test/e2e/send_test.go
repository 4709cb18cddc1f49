package e2e

import (
	"regexp"
	"strings"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

// TestSend looks at every field of a message that arrived.
func TestSend(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		ana := putUser(t, s, "a", obj{"fullName": "Ana"})
		putUsers(t, s, "b")
		made := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a", "b"}})
		now := c.ms.Add(10)
		answer := ask[sent](t, s, "message/send/custom", obj{
			"messageType": 3001, "body": "Parcel 😀", "data": ` {"parcel": "PX-42"} `, "filterID": "f",
			"senderXCUserID": "a", "roomID": made.Room.RoomID,
			"quote": obj{"title": "T", "content": "C 界", "imageURL": "I", "fileID": "F", "fileType": "FT"},
		})
		if !answer.Success || answer.Message != "" || !regexp.MustCompile(`^[A-Za-z0-9_]{32}$`).MatchString(answer.LocalID) {
			t.Errorf("answer %+v", answer)
		}
		m := last(t, s, "b", "r")
		if m.LocalID != answer.LocalID || m.Type != 3001 || m.FilterID != "f" || m.IsHidden || m.Action != "" {
			t.Errorf("message %+v", m)
		}
		if got := plain(t, m, m.Body); got != "Parcel 😀" {
			t.Errorf("body %q", got)
		}
		if got := plain(t, m, m.Data); got != ` {"parcel": "PX-42"} ` {
			t.Errorf("data %q, want it as it was sent", got)
		}
		if q := m.Quote; q.Title != "T" || q.ImageURL != "I" || q.FileID != "F" || q.FileType != "FT" ||
			plain(t, m, q.Content) != "C 界" {
			t.Errorf("quote %+v", q)
		}
		if m.User.UserID != ana || m.User.Fullname != "Ana" || m.Room != made.Room || m.RecipientID != "0" {
			t.Errorf("from %+v to %+v in %+v", m.User, m.RecipientID, m.Room)
		}
		if m.Created != now || m.Updated != now || m.Deleted != 0 || m.IsSending || m.IsRead || m.IsDelivered || m.IsDeleted {
			t.Errorf("state %+v", m)
		}
		if m.ReplyTo.UserID != "0" || m.ReplyTo.MessageID != "0" || m.ForwardFrom.UserID != "0" || m.Target.TargetID != "0" {
			t.Errorf("what is not there: %+v %+v %+v", m.ReplyTo, m.ForwardFrom, m.Target)
		}
	})
}

// TestSendPlainText: a text has no data and no quote, and those are empty, not enciphered.
func TestSendPlainText(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		for _, body := range []string{
			"hi", " ", "\n", "\x00", "{{sender}}", strings.Repeat("x", 15), strings.Repeat("x", 16), "مرحبا\u202e", "null",
		} {
			sendBody(t, s, textMessage("a", "r", body, obj{"data": "", "quote": obj{}}))
			m := last(t, s, "a", "r")
			if m.Type != 1001 || plain(t, m, m.Body) != body || m.Body == body {
				t.Errorf("%q became %+v", body, m)
			}
			if m.Data != "" || m.Quote.Content != "" {
				t.Errorf("data %q, quoted %q", m.Data, m.Quote.Content)
			}
		}
	})
}

func TestSendRules(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := putUser(t, s, "a", nil)
		bo := putUser(t, s, "b", nil)
		made := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}}).Room
		putRoom(t, s, "t", obj{"type": 4})
		app := last(t, s, "a", "r").User.UserID
		good := obj{"messageType": 1001, "body": "hi", "senderXCUserID": "a", "xcRoomID": "r"}
		field := func(name, reason string) failure { return invalid(name, name, reason) }
		const (
			types  = "must be 1001, 1002, 2001 or 3000 to 3999"
			target = "is required, or one of recipientXCUserID, roomID and xcRoomID"
			only   = "must be the only one of recipientUserID, recipientXCUserID, roomID and xcRoomID"
			text   = "must be the JSON text of an object or an array"
			local  = "must be 24 to 64 characters of A-Z a-z 0-9 _ -"
		)
		tests := []struct {
			name    string
			changes obj
			want    failure
		}{
			{"no type", obj{"messageType": nil}, field("messageType", "is required")},
			{"a type of devices", obj{"messageType": 1003}, field("messageType", types)},
			{"Parlor's own type", obj{"messageType": 9001}, field("messageType", types)},
			{"below the customer's types", obj{"messageType": 2999}, field("messageType", types)},
			{"above the customer's types", obj{"messageType": 4000}, field("messageType", types)},
			{"no body", obj{"body": nil}, field("body", "is required")},
			{"empty body", obj{"body": ""}, field("body", "is required")},
			{"huge body", obj{"body": strings.Repeat("x", 400_001)}, field("body", "must have at most 400000 UTF-16 units")},
			{"data of a text", obj{"data": "{}"}, field("data", "must be empty for messageType 1001")},
			{"no data of an image", obj{"messageType": 1002}, field("data", "is required")},
			{"empty data of an image", obj{"messageType": 1002, "data": ""}, field("data", "is required")},
			{"data that is no JSON", obj{"messageType": 3000, "data": "{"}, field("data", text)},
			{"data that is a text", obj{"messageType": 3000, "data": `"x"`}, field("data", text)},
			{"data that is a number", obj{"messageType": 3000, "data": "1"}, field("data", text)},
			{"data that is null", obj{"messageType": 3000, "data": "null"}, field("data", text)},
			{"data that is blank", obj{"messageType": 3000, "data": " "}, field("data", text)},
			{"data of two objects", obj{"messageType": 3000, "data": "{}{}"}, field("data", text)},
			{"data that is an object", obj{"messageType": 3000, "data": obj{}}, field("data", "must be a string")},
			{
				"huge data",
				obj{"messageType": 3000, "data": "[" + strings.Repeat(" ", 262_143) + "]"},
				field("data", "must have at most 262144 bytes"),
			},
			{"long filterID", obj{"filterID": strings.Repeat("x", 256)}, field("filterID", "must be 0 to 255 characters")},
			{"isHidden as a text", obj{"isHidden": "true"}, field("isHidden", "must be true or false")},
			{"short localID", obj{"localID": strings.Repeat("x", 23)}, field("localID", local)},
			{"long localID", obj{"localID": strings.Repeat("x", 65)}, field("localID", "must be 0 to 64 characters")},
			{"strange localID", obj{"localID": strings.Repeat("x", 31) + "!"}, field("localID", local)},
			{"quote as a text", obj{"quote": "x"}, field("quote", "must be an object")},
			{
				"long quote",
				obj{"quote": obj{"title": strings.Repeat("x", 1001)}},
				field("quote.title", "must be 0 to 1000 characters"),
			},
			{"quote of wrong things", obj{"quote": obj{"content": 1}}, field("quote.content", "must be a string")},
			{"no sender", obj{"senderXCUserID": nil}, field("senderUserID", "is required, or senderXCUserID")},
			{"empty sender", obj{"senderXCUserID": "", "senderUserID": ""}, field("senderUserID", "is required, or senderXCUserID")},
			{"two senders", obj{"senderUserID": ana}, field("senderUserID", "and 'senderXCUserID' must not both be given")},
			{"no target", obj{"xcRoomID": nil}, field("recipientUserID", target)},
			{
				"empty targets",
				obj{"xcRoomID": "", "roomID": "", "recipientUserID": "", "recipientXCUserID": ""},
				field("recipientUserID", target),
			},
			{"two targets", obj{"roomID": made.RoomID}, field("recipientUserID", only)},
			{"three targets", obj{"recipientUserID": bo, "recipientXCUserID": "b"}, field("recipientUserID", only)},
			// Parameters come before existence.
			{"no target for nobody", obj{"senderXCUserID": "nobody", "xcRoomID": nil}, field("recipientUserID", target)},
			{"two targets for nobody", obj{"senderXCUserID": "nobody", "recipientUserID": bo}, field("recipientUserID", only)},
			{"nobody sends", obj{"senderXCUserID": "nobody"}, userNotFound},
			{"no such number sends", obj{"senderXCUserID": nil, "senderUserID": "2147483647"}, userNotFound},
			{"no number sends", obj{"senderXCUserID": nil, "senderUserID": "a"}, userNotFound},
			{"the app itself sends", obj{"senderXCUserID": nil, "senderUserID": app}, userNotFound},
			{"to nobody", obj{"xcRoomID": nil, "recipientXCUserID": "nobody"}, userNotFound},
			{"to no such number", obj{"xcRoomID": nil, "recipientUserID": "2147483648"}, userNotFound},
			{"to the app", obj{"xcRoomID": nil, "recipientUserID": app}, userNotFound},
			{"to no room", obj{"xcRoomID": "none"}, roomNotFound},
			{"to a roomID as xcRoomID", obj{"xcRoomID": made.RoomID}, roomNotFound},
			{"to an xcRoomID as roomID", obj{"xcRoomID": nil, "roomID": "r"}, roomNotFound},
			{"to a group as a transaction room", obj{"xcRoomID": nil, "roomID": "t" + made.RoomID[1:]}, roomNotFound},
			{"to a room of no such number", obj{"xcRoomID": nil, "roomID": "g999999999"}, roomNotFound},
			{"to others' personal room", obj{"xcRoomID": nil, "roomID": bo + "-" + bo}, roomNotFound},
			{"to a personal room backwards", obj{"xcRoomID": nil, "roomID": bo + "-" + ana}, roomNotFound},
			{"to a personal room with nobody", obj{"xcRoomID": nil, "roomID": ana + "-2147483647"}, roomNotFound},
		}
		before := call(t, s, "room/get_list_by_user", obj{"xcUserID": "a"}).Data
		for _, tt := range tests {
			body := obj{}
			for _, from := range []obj{good, tt.changes} {
				for k, v := range from {
					body[k] = v
				}
			}
			t.Run(tt.name, func(t *testing.T) { refuse(t, s, "message/send/custom", body, tt.want) })
		}
		if after := call(t, s, "room/get_list_by_user", obj{"xcUserID": "a"}).Data; string(after) != string(before) {
			t.Errorf("refused messages left something behind:\n%s\n%s", before, after)
		}
		for _, kind := range []int{1001, 1002, 2001, 3000, 3999} {
			fields := obj{"messageType": kind}
			if kind == 1002 {
				fields["data"] = `{"url":"https://img/1"}`
			}
			sendBody(t, s, textMessage("a", "r", "hi", fields))
			if m := last(t, s, "a", "r"); m.Type != kind {
				t.Errorf("type %d arrived as %d", kind, m.Type)
			}
		}
	})
}

// TestLocalID: a call with a localID can be repeated, and only by its sender.
func TestLocalID(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a", "b"}})
		putRoom(t, s, "r2", obj{"participantXCUserIDs": list{"a", "b"}})
		const id = "abcdefghijklmnopqrstuvwxyz_-0123"
		taken := failure{"40901", "This localID belongs to another sender's message", ""}
		body := func(sender, room, text, localID string) obj {
			return obj{"messageType": 1001, "body": text, "senderXCUserID": sender, "xcRoomID": room, "localID": localID}
		}
		if got := sendBody(t, s, textMessage("a", "r", "hi", obj{"localID": id})); got != id {
			t.Errorf("answer %q", got)
		}
		first := last(t, s, "b", "r")
		// The first call counts, even if the second says something else.
		for i, again := range []obj{body("a", "r", "hi", id), body("a", "r", "other", id), body("a", "r2", "hi", id)} {
			want := sent{Success: true, LocalID: id, Repeated: true, ContentDiffers: i > 0}
			if got := ask[sent](t, s, "message/send/custom", again); got != want {
				t.Errorf("again: %+v", got)
			}
		}
		refuse(t, s, "message/send/custom", body("b", "r", "hi", id), taken)
		refuse(t, s, "message/send/custom", body("b", "r2", "hi", id), taken)
		sum, _ := inList(t, s, "b", "r")
		if sum.LastMessage != first || sum.UnreadCount != 2 || plain(t, first, first.Body) != "hi" {
			t.Errorf("%d unread, the last is %+v", sum.UnreadCount, sum.LastMessage)
		}
		if other, _ := inList(t, s, "b", "r2"); other.UnreadCount != 1 {
			t.Errorf("%d messages in the other room", other.UnreadCount)
		}

		// A long message has one localID of the caller's and others made of it.
		const long = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123"
		text := strings.Repeat("x", 4000) + "y"
		for range 2 {
			if got := sendBody(t, s, textMessage("a", "r2", text, obj{"localID": long})); got != long {
				t.Errorf("answer %q", got)
			}
		}
		if sum, _ := inList(t, s, "b", "r2"); sum.UnreadCount != 3 || plain(t, sum.LastMessage, sum.LastMessage.Body) != "y" {
			t.Errorf("repeated in parts: %+v", sum)
		}
		refuse(t, s, "message/send/custom", body("b", "r2", text, long), taken)
		refuse(t, s, "message/send/custom", body("b", "r2", "hi", cipher.DeriveLocalID(long, 0)), taken)
		// The other way round: a part's localID is somebody else's already.
		const unlucky = "0123456789012345678901234567890X"
		sendBody(t, s, textMessage("b", "r", "hi", obj{"localID": cipher.DeriveLocalID(unlucky, 0)}))
		refuse(t, s, "message/send/custom", body("a", "r", text, unlucky), taken)

		// Even if it is one's own: a message that is acknowledged is there.
		sendBody(t, s, textMessage("a", "r", "hi", obj{"localID": cipher.DeriveLocalID(id+"own", 0)}))
		if a := call(t, s, "message/send/custom", body("a", "r", text, id+"own")); a.Status == 200 {
			if m := last(t, s, "b", "r"); m.LocalID != id+"own" {
				t.Errorf("acknowledged, but the last message is %s", m.LocalID)
			}
		}
	})
}
