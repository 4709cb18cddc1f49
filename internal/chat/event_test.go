package chat_test

import (
	"bytes"
	"testing"

	"parlor/internal/chat"
)

// FuzzDecodeEvent: whatever comes from a bus or a column is refused or is an event that
// can be handed on, and comes out of that as it went in.
func FuzzDecodeEvent(f *testing.F) {
	for _, e := range []chat.Event{
		{},
		{Kind: chat.EventMessageSent, App: 1, Room: 2, User: 3, Message: &chat.Message{ID: 4, Body: "b", Target: chat.Target{User: 5}}},
		{Kind: chat.EventMessagesMarked, App: 1, Room: 2, Times: []int64{1, 2}, First: []int64{2}, Receipt: chat.Read},
		{Kind: chat.EventLoginsEnded, App: 1, Logins: []chat.LoginID{7}, Users: []chat.UserID{3}},
		{Kind: chat.EventRoomPreference, Text: "room/mute\xff", At: -1, On: true},
	} {
		b, err := e.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{"", "null", "[]", `{"Message":{}}`, `{"Times":[1e3]}`, `{"Kind":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := chat.DecodeEvent(b)
		if err != nil {
			return
		}
		packed, err := e.Encode()
		if err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		again, err := chat.DecodeEvent(packed)
		if err != nil {
			t.Fatalf("%s: %v", packed, err)
		}
		twice, err := again.Encode()
		if err != nil || !bytes.Equal(packed, twice) {
			t.Fatalf("%s came back as %s: %v", packed, twice, err)
		}
	})
}
