package wire_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
)

// randomViews is a list in which senders, rooms and partners come again in every way: the same
// one, one with the same id that differs, another whose id has the same last bits.
func randomViews(r *rand.Rand, n int) []chat.MessageView {
	var users []*chat.User
	for i := range 6 {
		id := chat.UserID(1 + i%2*64 + i%3)
		users = append(users, &chat.User{ID: id, XCID: fmt.Sprint("xc", i), Fullname: fmt.Sprint("Name \"", i), DeletedAt: int64(i % 2)})
	}
	rooms := []*chat.Room{
		{ID: 1, Type: chat.Group, Name: "one"},
		{ID: 1, Type: chat.Group, Name: "changed"},
		{ID: 2, Type: chat.Personal, Pair: chat.NewPair(1, 2)},
	}
	list := make([]chat.MessageView, n)
	for i := range list {
		v := chat.MessageView{
			Message: &chat.Message{ID: chat.MessageID(i), LocalID: fmt.Sprint(i), Sender: 1},
			Room:    rooms[r.IntN(len(rooms))], Sender: users[r.IntN(len(users))],
		}
		if v.Room.Type == chat.Personal {
			v.Partner = users[r.IntN(len(users))]
		}
		if r.IntN(4) == 0 {
			v.Target = chat.Target{XCID: "t"}
			v.Quote.FileType = "f"
		}
		list[i] = v
	}
	return list
}

// TestListsRepeatNothingElse: a list is its lines one after the other, each as it is by
// itself, whatever of it is copied from earlier ones.
func TestListsRepeatNothingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		views := randomViews(r, 20)
		var messages, summaries []string
		rooms := make([]chat.RoomSummary, len(views))
		for i := range views {
			rooms[i] = chat.RoomSummary{Last: views[i], Unread: int64(i)}
			one := string(wire.RoomList{Rooms: rooms[i : i+1]}.AppendJSON(nil))
			summaries = append(summaries, strings.TrimSuffix(strings.TrimPrefix(one, `{"rooms":[`), `],"hasMore":false}`))
			one = string(wire.MessageEvent("x", &views[i]))
			messages = append(messages, strings.TrimSuffix(strings.TrimPrefix(one, `{"eventName":"x","data":`), `}`))
		}
		if got, want := string(wire.RoomList{Rooms: rooms}.AppendJSON([]byte("before"))),
			`before{"rooms":[`+strings.Join(summaries, ",")+`],"hasMore":false}`; got != want {
			t.Fatalf("rooms:\n%s\nwant\n%s", got, want)
		}
		if got, want := string(wire.Messages{Messages: views}.AppendJSON([]byte("before"))),
			`before{"messages":[`+strings.Join(messages, ",")+`]}`; got != want {
			t.Fatalf("messages:\n%s\nwant\n%s", got, want)
		}
	}
}

// FuzzTexts: texts are quoted as the JSON library does it.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"", "plain", "~\x7f", "a\"b", `\`, "\x1f", "é", "\xff", "\u2028", "<&>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := wire.Sent{LocalID: s}.AppendJSON(nil)
		want, err := jsontext.AppendQuote(nil, s)
		if err != nil && utf8.ValidString(s) {
			t.Fatal(err)
		}
		if !bytes.Contains(got, append([]byte(`"localID":`), want...)) {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	})
}

// BenchmarkRoomList is a list as a backend gets it: senders come again, rooms do not.
func BenchmarkRoomList(b *testing.B) {
	rooms := make([]chat.RoomSummary, 1000)
	users := make([]*chat.User, 20)
	for i := range users {
		users[i] = &chat.User{ID: chat.UserID(i), XCID: fmt.Sprint("customer-", i), Fullname: "Customer Number", Email: "c@example.org"}
	}
	for i := range rooms {
		rooms[i].Last = chat.MessageView{
			Room:   &chat.Room{ID: chat.RoomID(i), XCID: fmt.Sprint("ORD-", i), Type: chat.Group, Name: fmt.Sprint("Order ", i)},
			Sender: users[i%len(users)],
			Message: &chat.Message{
				ID: chat.MessageID(i), LocalID: "Qk7TzR1bMw3XcV9pLd5NsG2hJf8YtA0e", Type: chat.TextMessage,
				Body: "4Dfp331h2PgLSAPMCTTVgXxQo4AnwRlBGwLg0xGKzY+o+bItH3ysVN75zECUReOIJk2+AqF4JI8KixEbn3RZqocw==", CreatedAt: 1700000000000,
			},
		}
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = wire.RoomList{Rooms: rooms}.AppendJSON(buf[:0])
	}
}
