package notification_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/powertalk/notification"
	"parlor/internal/push"
	"parlor/internal/push/webpush"
)

var update = flag.Bool("update", false, "write the golden files anew")

const localID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// view is a message from Ana, in her personal room with Bo or in a group.
func view(body string, group bool) chat.MessageView {
	key, err := cipher.NewKey(localID)
	if err != nil {
		panic(err)
	}
	sealed, err := key.Encrypt(body, 1) // the same each time
	if err != nil {
		panic(err)
	}
	ana := &chat.User{ID: 6, XCID: "ana", Fullname: "Ana"}
	room := &chat.Room{ID: 3, Type: chat.Personal, Pair: chat.Pair{A: 6, B: 19}}
	v := chat.MessageView{Room: room, Sender: ana, Partner: ana}
	if group {
		v.Room, v.Partner = &chat.Room{ID: 7, XCID: "order", Type: chat.Group, Name: "Order 7"}, nil
	}
	v.Message = &chat.Message{
		ID: 4711, Room: room.ID, LocalID: localID, Sender: ana.ID, Type: chat.TextMessage, Body: chat.Sealed(sealed),
		CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_000,
	}
	return v
}

func payload(t testing.TB, v chat.MessageView, kind chat.PushKind) []byte {
	t.Helper()
	b, err := notification.Notification{View: v, Badge: 3}.Payload(kind)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for file, got := range map[string][]byte{
		"fcm.json":          payload(t, view("Hello", false), chat.PushFCM),
		"apns.json":         payload(t, view("Hello", false), chat.PushAPNs),
		"apns_group.json":   payload(t, view("Hello", true), chat.PushAPNsSandbox),
		"webpush_pair.json": payload(t, view("Hello", false), chat.PushWeb),
	} {
		var text bytes.Buffer
		if err := json.Indent(&text, got, "", "  "); err != nil {
			t.Fatal(err)
		}
		text.WriteByte('\n')
		name := filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(name, text.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text.Bytes(), want) {
			t.Errorf("%s is\n%s", file, text.Bytes())
		}
	}
}

// shown is what devices read of a payload, whichever it is.
type shown struct {
	Identifier  string `json:"identifier"`
	Body        string `json:"body"`
	Title       string `json:"title"`
	IsScheduled string `json:"isScheduled"`
	APS         struct {
		Alert            struct{ Title, Body string } `json:"alert"`
		Badge            int                          `json:"badge"`
		ContentAvailable int                          `json:"content-available"`
	} `json:"aps"`
	Data    struct{ Message *sealedMessage } `json:"data"`
	Message *sealedMessage                   `json:"message"`
}

type sealedMessage struct {
	LocalID, MessageID, Body, Data string
	Room                           struct{ RoomID string }
	User                           struct{ UserID, XCUserID, Fullname string }
}

func read(t interface{ Fatalf(string, ...any) }, b []byte) (s shown) {
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return s
}

// TestAnySizeFits: whatever is in a message, the payload is one that the vendor takes, and a message
// in it is whole as far as SDKs look: its text opens to the begin of what was said.
func TestAnySizeFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string, most int) string {
			unit := rapid.SampledFrom([]string{"a", "ä", "漢", "👍", `"`, "<", "\n"}).Draw(t, name)
			return strings.Repeat(unit, rapid.IntRange(0, most).Draw(t, name+" length"))
		}
		body := "x" + text("body", 4000)
		v := view(body, rapid.Bool().Draw(t, "in a group"))
		v.Data = chat.Sealed(text("data", 20_000))
		v.Quote.Content, v.Quote.ImageURL = chat.Sealed(text("quote", 10_000)), text("quote image", 2048)
		v.Sender.Bio, v.Sender.Photo.Fullsize = text("bio", 1000), text("photo", 2048)
		v.Sender.Fullname, v.Room.Name = "n"+text("name", 254), text("room", 500)
		v.Room.Photo.Thumbnail, v.FilterID = text("picture", 2048), text("filterID", 255)
		for kind, limit := range map[chat.PushKind]int{
			chat.PushAPNs: push.MaxPayload, chat.PushWeb: webpush.MaxPayload, chat.PushFCM: 1 << 20,
		} {
			b, err := notification.Notification{View: v}.Payload(kind)
			if kind == chat.PushFCM && err == notification.ErrTooLarge { //nolint:errorlint // it is returned as it is
				continue // there is nothing but the message
			}
			if err != nil || len(b) > limit {
				t.Fatalf("%s: %d bytes, %v", kind, len(b), err)
			}
			s := read(t, b)
			m := s.Data.Message
			switch kind {
			case chat.PushWeb:
				m = s.Message
			case chat.PushFCM:
				if n := len("identifier") + len(s.Identifier) + len("body") + len(s.Body); n > push.MaxPayload {
					t.Fatalf("FCM counts %d bytes", n)
				}
				m = &sealedMessage{}
				if err := json.Unmarshal([]byte(s.Body), m); err != nil {
					t.Fatal(err)
				}
			}
			if m == nil {
				continue
			}
			plain, err := cipher.Decrypt(m.Body, m.LocalID)
			if err != nil || !strings.HasPrefix(body, strings.TrimSuffix(plain, "…")) || plain == "" {
				t.Fatalf("%s: the text opens to %.40q (%v) of %.40q", kind, plain, err, body)
			}
		}
	})
}

// TestLongTextIsCut: no more than has to be.
func TestLongTextIsCut(t *testing.T) {
	body := strings.Repeat("word ", 800)
	v := view(body, false)
	v.Data = chat.Sealed(strings.Repeat("d", 5000))
	var m sealedMessage
	if err := json.Unmarshal([]byte(read(t, payload(t, v, chat.PushFCM)).Body), &m); err != nil {
		t.Fatal(err)
	}
	plain, err := cipher.Decrypt(m.Body, m.LocalID)
	if err != nil || m.Data != "" || len(plain) < 1500 || !strings.HasPrefix(body, strings.TrimSuffix(plain, "…")) {
		t.Errorf("%d bytes of text, %d of data: %.40q, %v", len(plain), len(m.Data), plain, err)
	}
	if v.Data == "" || len(v.Body) < 4000 {
		t.Error("the message itself was cut")
	}
}

// TestWords: the text is plain, whatever the message holds.
func TestWords(t *testing.T) {
	tests := []struct {
		name        string
		v           func() chat.MessageView
		title, body string
	}{
		{name: "pair", v: func() chat.MessageView { return view("Hello", false) }, title: "Ana", body: "Hello"},
		{name: "group", v: func() chat.MessageView { return view("Hello", true) }, title: "Order 7", body: "Ana: Hello"},
		{name: "group without a name", v: func() chat.MessageView {
			v := view("Hello", true)
			v.Room.Name = ""
			return v
		}, title: "Ana", body: "Hello"},
		{name: "not to be opened", v: func() chat.MessageView {
			v := view("Hello", false)
			v.Body = "what is this"
			return v
		}, title: "Ana", body: "New message"},
		{
			name: "exactly as long", v: func() chat.MessageView { return view(strings.Repeat("👍", 240), false) },
			title: "Ana", body: strings.Repeat("👍", 240),
		},
		{
			name: "longer by one", v: func() chat.MessageView { return view(strings.Repeat("👍", 241), false) },
			title: "Ana", body: strings.Repeat("👍", 239) + "…",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := read(t, payload(t, tt.v(), chat.PushAPNs))
			if s.APS.Alert.Title != tt.title || s.APS.Alert.Body != tt.body || s.APS.Badge != 3 || s.APS.ContentAvailable != 1 {
				t.Errorf("%+v", s.APS)
			}
			if w := read(t, payload(t, tt.v(), chat.PushWeb)); w.Title != tt.title || w.Body != tt.body {
				t.Errorf("%+v", w)
			}
		})
	}
}
