package chat_test

import (
	"strings"
	"testing"

	"parlor/internal/chat"
)

func TestPhoneKey(t *testing.T) {
	tests := []struct {
		user chat.User
		want string
	}{
		{chat.User{Phone: "+62 (812) 0000-00.01/2"}, "62812000000012"},
		{chat.User{Phone: "0812000001"}, "0812000001"},
		{chat.User{Phone: "8120000", CallingCode: "62"}, "628120000"},
		{chat.User{CallingCode: "62"}, ""},
		{chat.User{Phone: "812", CallingCode: "62", PhoneWithCode: "6281200000001"}, "6281200000001"},
		{chat.User{Phone: "123456"}, ""},
		{chat.User{Phone: strings.Repeat("1", 21)}, ""},
		{chat.User{Phone: strings.Repeat("1", 20)}, strings.Repeat("1", 20)},
		{chat.User{Phone: "6281200000x1"}, ""},
		{chat.User{Phone: "٦٢٨١٢٠٠٠٠٠"}, ""}, // digits, but not those of address books
		{chat.User{}, ""},
	}
	for _, tt := range tests {
		if got := tt.user.PhoneKey(); got != tt.want {
			t.Errorf("%q, %q, %q: %q, want %q",
				tt.user.Phone, tt.user.CallingCode, tt.user.PhoneWithCode, got, tt.want)
		}
	}
}

func TestValidColor(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "#": false, "fff": true, "#FFF": true, "1A2b3c": true, "#1A2b3c": true, "#1A2b3cff": true,
		"ff": false, "#ffff": false, "##fff": false, "red": false, "#12345g": false, "#1234567": false, "１２３": false,
	} {
		if got := chat.ValidColor(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestBlocks(t *testing.T) {
	room := chat.Room{Type: chat.Personal, Pair: chat.NewPair(7, 3), Blocks: chat.BlockedByB}
	if room.BlockedBy(3) || !room.BlockedBy(7) {
		t.Errorf("blocked by 3: %v, by 7: %v", room.BlockedBy(3), room.BlockedBy(7))
	}
	m := &chat.Message{Sender: 3, Withheld: true}
	if !m.VisibleTo(3) || m.VisibleTo(7) {
		t.Errorf("a withheld message is visible to its sender: %v, to the other: %v", m.VisibleTo(3), m.VisibleTo(7))
	}
}
