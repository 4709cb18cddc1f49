package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"parlor/test/env/servertest"
)

// toldMessage is a message as backends are shown it.
type toldMessage struct {
	message
	TypeName string
}

type messagePage struct {
	paged
	Messages []toldMessage
}

// listed is all that message/list answers to a query, page by page.
func listed(t testing.TB, s *servertest.App, query obj, limit int) []toldMessage {
	t.Helper()
	return walkPages(t, s, "message/list", query, limit, func(p messagePage) ([]toldMessage, paged) { return p.Messages, p.paged })
}

// bodiesOf are the texts of messages, one after the other.
func bodiesOf(messages []toldMessage) string {
	var out []string
	for _, m := range messages {
		text := m.Body
		if m.IsDeleted {
			text = "-" + text
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestMessagesAreListed(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		ana := s.SignIn(t, "ana", "1")
		putUsers(t, s, "bo", "cy")
		const second = 1000
		start := c.ms.Load()
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}, "name": "R"})
		putRoom(t, s, "other", obj{"participantXCUserIDs": list{"ana"}})
		send := func(i int, by, text string, more obj) {
			t.Helper()
			c.ms.Store(start + int64(i)*second)
			sendBody(t, s, textMessage(by, "r", text, more))
		}
		send(1, "ana", "a1", nil)
		send(2, "bo", "b2", obj{"messageType": 1002, "data": `{"caption":"x"}`, "quote": obj{"content": "quoted"}})
		send(3, "ana", "a3", obj{"messageType": 3001, "isHidden": true})
		send(4, "cy", "c4", nil)
		send(5, "bo", "b5", obj{"messageType": 3001})
		sendBody(t, s, textMessage("ana", "other", "elsewhere", nil))
		secret := listed(t, s, obj{"xcRoomID": "r", "userID": ana.UserID}, 100)
		ana.Call(t, "chat/message/delete", obj{
			"roomID": secret[0].Room.RoomID, "messageIDs": list{secret[1].MessageID}, "forEveryone": true,
		}, nil)
		do(t, s, "user/delete", obj{"xcUserID": "cy"})
		app := listed(t, s, obj{"xcRoomID": "r", "types": list{9001}}, 100)[0].User.UserID
		const created = "{{sender}} created group R"
		tests := []struct {
			query obj
			want  string // the oldest first
		}{
			{obj{}, created + " - b2 a3 c4 b5"},
			{obj{"xcUserID": "ana"}, "- a3"},
			{obj{"xcUserID": "cy"}, "c4"},
			{obj{"userID": app}, created},
			{obj{"types": list{1001}}, "- c4"},
			{obj{"types": list{1002, 1002}}, "b2"},
			{obj{"types": list{3001, 1002}}, "b2 a3 b5"},
			{obj{"types": list{3001, 1002, 9001}}, created + " b2 a3 b5"},
			{obj{"types": list{3001, 1001}}, "- a3 c4 b5"},
			{obj{"types": list{1003}}, ""},
			{obj{"types": list{}}, created + " - b2 a3 c4 b5"},
			{obj{"xcUserID": "bo", "types": list{3001}}, "b5"},
			{obj{"from": start + 2*second}, "b2 a3 c4 b5"},
			{obj{"until": start + 2*second}, created + " - b2"},
			{obj{"from": start + 2*second, "until": start + 4*second, "types": list{3001, 1001}}, "a3 c4"},
			{obj{"from": start + 3*second, "xcUserID": "bo"}, "b5"},
			{obj{"from": start + 5*second, "until": start + 2*second}, ""},
		}
		roomID := getRoom(t, s, "r").Room.RoomID
		check := func(room obj) {
			t.Helper()
			for _, tt := range tests {
				for _, limit := range []int{1, 2, 100} {
					query := with(tt.query, room)
					newest := listed(t, s, query, limit)
					slices.Reverse(newest)
					oldest := listed(t, s, with(query, obj{"order": "oldest"}), limit)
					if bodiesOf(newest) != tt.want || bodiesOf(oldest) != tt.want {
						t.Errorf("%v by %d: %q and %q, want %q", query, limit, bodiesOf(newest), bodiesOf(oldest), tt.want)
					}
				}
			}
		}
		check(obj{"xcRoomID": "r"})
		check(obj{"roomID": roomID})
		picture := listed(t, s, obj{"xcRoomID": "r", "types": list{1002}}, 1)[0]
		if picture.Data != `{"caption":"x"}` || picture.Quote.Content != "quoted" || picture.TypeName != "image" || picture.User.XCUserID != "bo" {
			t.Errorf("a picture: %+v", picture)
		}
		sealed := listed(t, s, obj{"xcRoomID": "r", "types": list{1002}, "sealed": true}, 1)[0].message
		if plain(t, sealed, sealed.Body) != "b2" || plain(t, sealed, sealed.Data) != `{"caption":"x"}` || sealed.Body == "b2" {
			t.Errorf("sealed: %+v", sealed)
		}
		gone := listed(t, s, obj{"xcRoomID": "r", "xcUserID": "ana", "order": "oldest"}, 1)[0]
		if !gone.IsDeleted || gone.Body+gone.Data+gone.Quote.Content != "" || gone.Deleted == 0 {
			t.Errorf("deleted: %+v", gone)
		}
		do(t, s, "room/delete", obj{"xcRoomID": "r"})
		if got := listed(t, s, obj{"xcRoomID": "r"}, 3); len(got) != 7 {
			t.Errorf("of a deleted room: %s", bodiesOf(got))
		}
	})
}

func TestMessageListRefuses(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana")
		putRoom(t, s, "r", nil)
		putRoom(t, s, "other", nil)
		for i := range 3 {
			sendBody(t, s, textMessage("ana", "r", fmt.Sprint(i), nil))
		}
		r := obj{"xcRoomID": "r"}
		next := ask[messagePage](t, s, "message/list", with(r, obj{"limit": 1})).NextCursor
		refuse(t, s, "message/list", obj{}, invalid("xcRoomID", "xcRoomID", "is required, or roomID"))
		refuse(t, s, "message/list", obj{"xcRoomID": "none"}, roomNotFound)
		refuse(t, s, "message/list", obj{"roomID": "x"}, roomNotFound)
		refuse(t, s, "message/list", with(r, obj{"xcUserID": "none"}), userNotFound)
		refuse(t, s, "message/list", with(r, obj{"userID": "999999999"}), userNotFound)
		refuse(t, s, "message/list", with(r, obj{"userID": "1", "xcUserID": "ana"}), invalid("userID", "userID", "and 'xcUserID' must not both be given"))
		refuse(t, s, "message/list", with(r, obj{"order": "up"}), invalid("order", "order", "must be newest or oldest"))
		refuse(t, s, "message/list", with(r, obj{"types": list{999}}), invalid("types", "types", "must have numbers from 1000 to 9999"))
		refuse(t, s, "message/list", with(r, obj{"limit": 101}), invalid("limit", "limit", "must be 1 to 100"))
		mine := invalid("cursor", "cursor", "must be the nextCursor of a call with the same other parameters")
		for _, body := range []obj{
			{"cursor": "x"},
			{"cursor": "e30"},
			{"cursor": "bnVsbA"},
			{"cursor": next, "order": "oldest"},
			{"cursor": next, "types": list{1001}},
			{"cursor": next, "xcRoomID": "other"},
		} {
			refuse(t, s, "message/list", with(r, body), mine)
		}
		ids := list{}
		for i := range 101 {
			ids = append(ids, fmt.Sprint(i+1))
		}
		refuse(t, s, "message/get", obj{"messageIDs": ids}, invalid("messageIDs", "messageIDs", "must have at most 100 entries"))
		for _, id := range []string{"0", "-1", "01", "x", "99999999999999999999", "1.0"} {
			refuse(t, s, "message/get", obj{"messageIDs": list{id}}, invalid("messageIDs", "messageIDs", "must be ids of messages"))
		}
	})
}

// foundMessages is the answer of message/get.
type foundMessages struct {
	Messages                               []toldMessage
	MissingMessageIDs, RemainingMessageIDs []string
}

// TestMessagesByID: they come in the order that was asked for, of whichever rooms, and only the App's own.
func TestMessagesByID(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		var ids [2][]string
		for i, app := range []*servertest.App{s, s.Default()} {
			putUsers(t, app, "zed")
			for _, room := range []string{"found1", "found2"} {
				putRoom(t, app, room, nil)
				sendBody(t, app, textMessage("zed", room, "in "+room, nil))
				ids[i] = append(ids[i], listed(t, app, obj{"xcRoomID": room}, 1)[0].MessageID)
			}
		}
		mine, theirs := ids[0], ids[1]
		got := ask[foundMessages](t, s, "message/get", obj{"messageIDs": list{mine[1], theirs[0], mine[0], mine[1], "999999999999"}})
		if bodiesOf(got.Messages) != "in found2 in found1" || !slices.Equal(got.MissingMessageIDs, []string{theirs[0], "999999999999"}) ||
			len(got.RemainingMessageIDs) != 0 || got.Messages[0].Room.XCRoomID != "found2" {
			t.Errorf("got %+v", got)
		}
		sealed := ask[foundMessages](t, s, "message/get", obj{"messageIDs": list{mine[0]}, "sealed": true}).Messages[0].message
		if plain(t, sealed, sealed.Body) != "in found1" {
			t.Errorf("sealed: %+v", sealed)
		}
	})
}

// TestLargeMessagesMakeShortPages: no answer is much larger than its bound, and nothing is missed by that.
func TestLargeMessagesMakeShortPages(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana")
		putRoom(t, s, "r", nil)
		large := `{"x":"` + strings.Repeat("x", 250_000) + `"}`
		for i := range 20 {
			sendBody(t, s, textMessage("ana", "r", fmt.Sprint("m", i), obj{"messageType": 3001, "data": large}))
		}
		first := call(t, s, "message/list", obj{"xcRoomID": "r"})
		if len(first.Body) > 3<<20 {
			t.Errorf("a page of %d bytes", len(first.Body))
		}
		all := listed(t, s, obj{"xcRoomID": "r", "types": list{3001}}, 100)
		if len(all) != 20 {
			t.Errorf("%d messages", len(all))
		}
		ids, seen := list{}, map[string]bool{}
		for _, m := range all {
			ids = append(ids, m.MessageID)
		}
		for calls := 0; len(ids) > 0 && calls < 20; calls++ {
			a := call(t, s, "message/get", obj{"messageIDs": ids})
			if len(a.Body) > 3<<20 {
				t.Errorf("an answer of %d bytes", len(a.Body))
			}
			got := ask[foundMessages](t, s, "message/get", obj{"messageIDs": ids})
			for _, m := range got.Messages {
				seen[m.MessageID] = true
			}
			ids = nil
			for _, id := range got.RemainingMessageIDs {
				ids = append(ids, id)
			}
		}
		if len(seen) != 20 {
			t.Errorf("%d of 20 were found", len(seen))
		}
	})
}

// sentMessage is a message of the model that lists are compared with.
type sentMessage struct {
	text, by string
	kind     int
}

// TestMessagesAreListedOnceWhateverHappens: while others write and delete, a walk finds each message that was
// there at its begin and passes its filter, once and in order, and none that does not pass.
func TestMessagesAreListedOnceWhateverHappens(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		users := []*servertest.Device{s.SignIn(t, "u0", "1"), s.SignIn(t, "u1", "1"), s.SignIn(t, "u2", "1")}
		kinds := []int{1001, 1001, 1001, 1002, 3001, 3002}
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"u0", "u1", "u2"}})
		roomID := getRoom(t, s, "r").Room.RoomID
		var lock sync.Mutex
		var sent []sentMessage
		send := func(r *rand.Rand, writer string, i int) {
			m := sentMessage{fmt.Sprint(writer, "-", i), fmt.Sprint("u", r.IntN(3)), kinds[r.IntN(len(kinds))]}
			more := obj{"messageType": m.kind}
			if m.kind != 1001 {
				more["data"] = "{}"
			}
			do(t, s, "message/send/custom", textMessage(m.by, "r", m.text, more))
			lock.Lock()
			sent = append(sent, m)
			lock.Unlock()
		}
		r := rand.New(rand.NewPCG(3, 4))
		for i := range 150 {
			send(r, "first", i)
		}
		stop := make(chan struct{})
		var busy sync.WaitGroup
		for worker := range 2 {
			busy.Go(func() {
				r := rand.New(rand.NewPCG(9, uint64(worker)))
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					if r.IntN(3) > 0 {
						send(r, fmt.Sprint("w", worker), i)
						continue
					}
					by := r.IntN(3)
					own := ask[messagePage](t, s, "message/list", obj{"xcRoomID": "r", "xcUserID": fmt.Sprint("u", by), "limit": 30}).Messages
					if len(own) > 0 {
						users[by].Call(t, "chat/message/delete", obj{
							"roomID": roomID, "messageIDs": list{own[r.IntN(len(own))].MessageID}, "forEveryone": true,
						}, nil)
					}
				}
			})
		}
		queries := []struct {
			query  obj
			passes func(sentMessage) bool
		}{
			{obj{}, func(sentMessage) bool { return true }},
			{obj{"xcUserID": "u1"}, func(m sentMessage) bool { return m.by == "u1" }},
			{obj{"types": list{1002, 3001}}, func(m sentMessage) bool { return m.kind == 1002 || m.kind == 3001 }},
			{obj{"types": list{1001}}, func(m sentMessage) bool { return m.kind == 1001 }},
			{obj{"xcUserID": "u2", "types": list{1001, 3002}}, func(m sentMessage) bool {
				return m.by == "u2" && (m.kind == 1001 || m.kind == 3002)
			}},
		}
		check := func(when string, limit int, oldest bool) {
			for _, q := range queries {
				lock.Lock()
				before := slices.Clone(sent)
				lock.Unlock()
				body := with(obj{"xcRoomID": "r"}, q.query)
				if oldest {
					body["order"] = "oldest"
				}
				got := listed(t, s, body, limit)
				checkWalk(t, fmt.Sprint(when, " ", body, " by ", limit), got, before, q.passes, oldest)
			}
		}
		for range 3 {
			check("while others write", 1+r.IntN(40), r.IntN(2) == 0)
		}
		close(stop)
		busy.Wait()
		for _, limit := range []int{1, 7, 100} {
			check("afterwards", limit, limit == 7)
		}
	})
}

// checkWalk holds what was listed to what had been sent before.
func checkWalk(
	t *testing.T, what string, got []toldMessage, before []sentMessage, passes func(sentMessage) bool, oldest bool,
) {
	t.Helper()
	seen, deleted := map[string]int{}, 0
	last := int64(0)
	for i, m := range got {
		if i > 0 && (m.Created > last) != oldest {
			t.Errorf("%s: %q is out of order", what, m.Body)
		}
		last = m.Created
		if m.IsDeleted {
			deleted++
		}
		if m.Type != 9001 && !passes(sentMessage{m.Body, m.User.XCUserID, m.Type}) {
			t.Errorf("%s: %q does not pass", what, m.Body)
		}
		seen[m.MessageID]++
		seen["text "+m.Body]++
	}
	missing := 0
	for _, m := range before {
		if passes(m) && seen["text "+m.text] == 0 {
			missing++ // it is deleted, or else it is missed
		}
	}
	if missing > deleted {
		t.Errorf("%s: %d are missed, and only %d deleted", what, missing, deleted)
	}
	for id, n := range seen {
		if n != 1 && id != "text " {
			t.Errorf("%s: %s comes %d times", what, id, n)
		}
	}
}
