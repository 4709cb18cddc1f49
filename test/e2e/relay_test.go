package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"parlor/test/env/servertest"
)

// reference is a replyTo or a forwardFrom, as tests look at it.
type reference struct {
	UserID, XCUserID, Fullname, MessageID, LocalID string
	MessageType                                    int
	RoomID                                         *string
}

// relayed is what a sender says of a message besides its text.
type relayed struct {
	FilterID    string
	IsHidden    bool
	Quote       obj
	ReplyTo     reference
	ForwardFrom reference
}

// TestRelay: what a sender says of a message reaches others unchanged. Where the
// sender says nothing, or sets what is not theirs to set, others get what an empty message has.
func TestRelay(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		content := func(local, text string) string { return sealed(t, text, local) }
		nobody := reference{UserID: "0", MessageID: "0"}
		empty := obj{"title": "", "content": "", "imageURL": "", "fileID": "", "fileType": ""}
		other, from := localID(t), "g7"
		tests := []struct {
			name string
			said func(local string) obj
			want relayed // its quote.content is plain
		}{
			{"nothing", func(string) obj {
				return obj{"quote": nil, "replyTo": nil, "forwardFrom": nil, "target": nil, "filterID": nil}
			}, relayed{Quote: empty, ReplyTo: nobody, ForwardFrom: nobody}},
			{"other types", func(string) obj {
				return obj{"quote": "", "replyTo": list{}, "forwardFrom": 7, "isHidden": "yes", "filterID": list{}}
			}, relayed{Quote: empty, ReplyTo: nobody, ForwardFrom: nobody}},
			{"a filterID", func(string) obj {
				return obj{"filterID": "f-1"}
			}, relayed{FilterID: "f-1", Quote: empty, ReplyTo: nobody, ForwardFrom: nobody}},
			{"hidden", func(string) obj {
				return obj{"isHidden": true}
			}, relayed{IsHidden: true, Quote: empty, ReplyTo: nobody, ForwardFrom: nobody}},
			{"a quote", func(local string) obj {
				return obj{"quote": obj{
					"title": "Ana", "content": content(local, "q"), "imageURL": "u", "fileID": "d", "fileType": "video",
					"videoURL": "v",
				}}
			}, relayed{
				Quote:   obj{"title": "Ana", "content": "q", "imageURL": "u", "fileID": "d", "fileType": "video", "videoURL": "v"},
				ReplyTo: nobody, ForwardFrom: nobody,
			}},
			{"half a quote", func(string) obj {
				return obj{"quote": obj{"title": "Ana"}}
			}, relayed{
				Quote: obj{"title": "Ana", "content": "", "imageURL": "", "fileID": "", "fileType": ""}, ReplyTo: nobody,
				ForwardFrom: nobody,
			}},
			{"a reply", func(string) obj {
				return obj{"replyTo": obj{
					"userID": "5", "xcUserID": "x", "fullname": "Xen", "messageID": "77", "localID": other, "messageType": 1002,
				}}
			}, relayed{
				Quote: empty, ReplyTo: reference{
					UserID: "5", XCUserID: "x", Fullname: "Xen", MessageID: "77", LocalID: other, MessageType: 1002,
				}, ForwardFrom: nobody,
			}},
			{"a forward", func(string) obj {
				return obj{"forwardFrom": obj{
					"userID": "5", "xcUserID": "x", "fullname": "Xen", "messageID": "77", "localID": other, "roomID": from,
				}}
			}, relayed{
				Quote: empty, ReplyTo: nobody, ForwardFrom: reference{
					UserID: "5", XCUserID: "x", Fullname: "Xen", MessageID: "77", LocalID: other, RoomID: &from,
				},
			}},
			{"ids that devices could not read", func(string) obj {
				return obj{"replyTo": obj{"userID": "99999999999", "messageID": "x", "messageType": 1 << 40, "fullname": "Xen"}}
			}, relayed{
				Quote: empty, ReplyTo: reference{UserID: "0", MessageID: "0", Fullname: "Xen", MessageType: 1<<31 - 1},
				ForwardFrom: nobody,
			}},
			{"what is not the sender's to say", func(string) obj {
				return obj{
					"action": "room/delete", "target": obj{"targetType": "user", "targetID": "1"}, "user": obj{"userID": bo.UserID},
					"isRead": true, "isDelivered": true, "isDeleted": true, "deleted": 5, "created": 5, "updated": 5,
					"messageID": "5", "recipientID": "5",
					"isMessageEdited": true, "isFailedSend": true, "bytesUpload": 5,
				}
			}, relayed{Quote: empty, ReplyTo: nobody, ForwardFrom: nobody}},
		}
		for _, tt := range tests {
			local := localID(t)
			draft := servertest.Draft(t, room, local, "text")
			for key, v := range tt.said(local) {
				draft[key] = v
			}
			ana.Emit(t, "chat/sendMessage", draft)
			for _, d := range []*servertest.Device{ana, bo} {
				e := d.Next(t, tt.name, func(e servertest.Event) bool { return e.Message.LocalID == local })
				checkRelayed(t, tt.name, e.Data, tt.want)
				m := e.Message
				if m.User.UserID != ana.UserID || m.Action != "" || m.Target.TargetID != "0" || m.IsRead ||
					m.IsDelivered || m.IsDeleted || m.Deleted != 0 || m.Created < 1_000_000 || m.Updated != m.Created ||
					m.MessageID == "5" || m.RecipientID != "0" || m.IsMessageEdited {
					t.Errorf("%s: %s", tt.name, e.Data)
				}
			}
			var page struct{ Messages []json.RawMessage }
			bo.Call(t, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 1}, &page)
			checkRelayed(t, tt.name+", in a list", page.Messages[0], tt.want)
		}
	})
}

func checkRelayed(t testing.TB, name string, frame json.RawMessage, want relayed) {
	t.Helper()
	var got relayed
	var m message
	if err := json.Unmarshal(frame, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(frame, &m); err != nil {
		t.Fatal(err)
	}
	if m.Quote.Content != "" {
		got.Quote["content"] = plain(t, m, m.Quote.Content)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("%s: came as\n%s, want\n%s", name, a, b)
	}
}

// TestHiddenMessages: they come like others, but nobody counts them and no list of rooms
// shows them.
func TestHiddenMessages(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		room := newGroup(t, ana, "Group", bo)
		shown := ana.Send(t, room, "shown")
		hidden, custom := localID(t), localID(t)
		draft := servertest.Draft(t, room, hidden, "hidden")
		draft["isHidden"] = true
		ana.Emit(t, "chat/sendMessage", draft)
		until(t, ana, hidden)
		ana.Call(t, "chat/message/send/custom", obj{
			"roomID": room, "localID": custom, "messageType": 3001, "body": "hidden", "isHidden": true,
		}, nil)
		for _, local := range []string{shown, hidden, custom} {
			if m := bo.NextMessage(t); m.LocalID != local || m.IsHidden != (local != shown) {
				t.Errorf("bo gets %+v", m)
			}
		}
		if got, want := localIDs(history(t, bo, room)), []string{custom, hidden, shown}; !slices.Equal(got, want) {
			t.Errorf("the room's messages are %q, want %q", got, want)
		}
		for _, m := range listMessages(t, bo, "chat/message/room_list_and_unread", nil).Messages {
			if m.IsHidden {
				t.Errorf("the list of rooms has %+v", m)
			}
		}
		if n := unreadOf(t, a, "bo", room); n != 2 { // room/create and the one that shows
			t.Errorf("bo has %d unread", n)
		}
	})
}
