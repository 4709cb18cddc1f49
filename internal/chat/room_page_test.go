package chat_test

import (
	"encoding/base64"
	"testing"

	"parlor/internal/chat"
)

// TestDecodeCursor: what EncodeCursor has made is read again, whatever is in a name, and nothing that no name can have.
func TestDecodeCursor(t *testing.T) {
	for _, name := range []string{"", "a", "Zoë", `\`, `\u0000`, `\\u0000`, `"\\"u0000`, "\u2028<&>"} {
		want := chat.RoomCursor{Filter: 1, Name: name, Room: 7}
		var got chat.RoomCursor
		if !chat.DecodeCursor(chat.EncodeCursor(want), &got) || got != want {
			t.Errorf("of %+v comes %+v", want, got)
		}
	}
	for _, text := range []string{`{"n":"\u0000"}`, `{"n":"a\\\u0000b"}`, `{"n":"a` + "\x00" + `b"}`, "{\"n\":\"\xff\"}", `[]`, `{`, `{"r":1.5}`} {
		var got chat.RoomCursor
		if chat.DecodeCursor(base64.RawURLEncoding.EncodeToString([]byte(text)), &got) {
			t.Errorf("%q is a cursor: %+v", text, got)
		}
	}
	if chat.DecodeCursor("!", &chat.RoomCursor{}) || !chat.DecodeCursor("", &chat.RoomCursor{}) {
		t.Error("no base64 is a cursor, or nothing is none")
	}
}
