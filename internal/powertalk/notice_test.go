package powertalk_test

import (
	"encoding/json"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
)

// TestEveryNoticeHasWords: a kind without any would keep what it is about from being done.
func TestEveryNoticeHasWords(t *testing.T) {
	for kind := chat.NoticeRoomCreated; kind <= chat.NoticeText; kind++ {
		text, err := powertalk.Dialect{}.Notice(chat.Notice{Kind: kind, Text: "Paid", Message: &chat.Message{}})
		if err != nil || text.Action == chat.ActionNone || text.Body == "" {
			t.Errorf("kind %d: %+v, error %v", kind, text, err)
		}
	}
	if _, err := (powertalk.Dialect{}).Notice(chat.Notice{}); err == nil {
		t.Error("a notice of no kind has words")
	}
}

// TestRoomCreated: devices replace {{sender}} and {{target}} wherever they stand.
func TestRoomCreated(t *testing.T) {
	for name, want := range map[string]string{
		"Order 1":          "{{sender}} created group Order 1",
		"{{target}} {x} }": "{{sender}} created group target x ",
		"100 %d":           "{{sender}} created group 100 %d",
		"":                 "{{sender}} created group ",
	} {
		got, err := powertalk.Dialect{}.Notice(chat.Notice{Kind: chat.NoticeRoomCreated, Name: name})
		if err != nil || got.Body != want {
			t.Errorf("%q: %q, want %q (error %v)", name, got.Body, want, err)
		}
	}
}

// TestOwnWords: an App's text reaches devices as it is, though Android looks for two words in it.
func TestOwnWords(t *testing.T) {
	for text, want := range map[string]string{
		"Paid":                    "Paid",
		"The sender, not senders": "The s\u2060ender, not s\u2060enders",
		"targeted":                "t\u2060argeted",
		"Sender Target":           "Sender Target",
	} {
		got, err := powertalk.Dialect{}.Notice(chat.Notice{Kind: chat.NoticeText, Text: text})
		if err != nil || got.Body != want || got.Action != chat.ActionUpdateRoom {
			t.Errorf("%q: %+v, error %v", text, got, err)
		}
	}
	for _, text := range []string{"{{sender}}", "a } b", "{"} {
		_, err := powertalk.Dialect{}.Notice(chat.Notice{Kind: chat.NoticeText, Text: text})
		if chat.CodeOf(err) != chat.CodeInvalid {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// TestCounted: a crowd is counted.
func TestCounted(t *testing.T) {
	for kind, want := range map[chat.NoticeKind]string{
		chat.NoticeParticipantsAdded:   "{{sender}} added 101 participants to the group",
		chat.NoticeParticipantsRemoved: "{{sender}} removed 101 participants from the group",
	} {
		got, err := powertalk.Dialect{}.Notice(chat.Notice{Kind: kind, Count: 101})
		if err != nil || got.Body != want {
			t.Errorf("kind %d: %q, want %q (error %v)", kind, got.Body, want, err)
		}
	}
}

// TestPinned: devices find the pinned message itself in the notice's data.
func TestPinned(t *testing.T) {
	m := &chat.Message{ID: 7, LocalID: "local", Body: "sealed", CreatedAt: 5, Type: chat.TextMessage, Sender: 3}
	text, err := powertalk.Dialect{}.Notice(chat.Notice{Kind: chat.NoticeMessagePinned, Message: m})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"body":"sealed","createdTime":5,"data":"","localID":"local","messageID":"7","type":1001,"userID":"3"}`
	if !json.Valid([]byte(text.Data)) || text.Data != want {
		t.Errorf("data %s, want %s", text.Data, want)
	}
}

func TestCaption(t *testing.T) {
	tests := []struct {
		name, data string
		kind       chat.MessageType
		want       string // "" for no caption to go by
	}{
		{"picture", `{"caption":" a tree "}`, chat.ImageMessage, "🖼 a tree"},
		{"picture without words", `{"caption":""}`, chat.ImageMessage, "🖼 Photo"},
		{"video without words", `{"caption":" "}`, chat.VideoMessage, "🎥 Video"},
		{"no caption", `{"url":"x"}`, chat.ImageMessage, ""},
		{"no JSON", `caption`, chat.ImageMessage, ""},
		{"text", `{"caption":"x"}`, chat.TextMessage, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := powertalk.Dialect{}.Caption(tt.kind, tt.data)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("caption %q, found %v; want %q", got, ok, tt.want)
			}
		})
	}
}
