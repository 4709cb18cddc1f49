package e2e

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// found is all that message/search answers to a query, page by page.
func found(t testing.TB, s *servertest.App, query obj) []toldMessage {
	t.Helper()
	all, refused := tryFound(t, s, query)
	if refused != "" {
		t.Fatalf("%v: %s", query, refused)
	}
	return all
}

// tryFound is found, or why a search was refused.
func tryFound(t testing.TB, s *servertest.App, query obj) (all []toldMessage, refused string) {
	t.Helper()
	body := with(query, nil)
	for range 1000 {
		a := call(t, s, "message/search", body)
		if a.Status != 200 {
			return nil, a.Error.Message
		}
		var page messagePage
		if err := json.Unmarshal(a.Data, &page); err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Messages...)
		if page.HasMore != (page.NextCursor != "") {
			t.Fatalf("more: %t, cursor %q", page.HasMore, page.NextCursor)
		}
		if !page.HasMore {
			return all, ""
		}
		body["cursor"] = page.NextCursor
	}
	t.Fatal("the list has no end")
	return nil, ""
}

// finds waits until a search finds the messages with these texts, in their order, and no others.
func finds(t *testing.T, s *servertest.App, query obj, texts ...string) {
	t.Helper()
	want, got := strings.Join(texts, " | "), ""
	defer func() {
		if t.Failed() {
			t.Errorf("%v finds %q, want %q", query, got, want)
		}
	}()
	eventually(t, "a search finds what there is", func() bool {
		list, refused := tryFound(t, s, query)
		var bodies []string
		for _, m := range list {
			bodies = append(bodies, m.Body)
		}
		got = strings.Join(bodies, " | ") + refused
		return got == want
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		const hour = 3_600_000
		ana, _ := s.SignIn(t, "ana", "1"), s.SignIn(t, "bo", "1")
		room := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		putRoom(t, s, "other", obj{"participantXCUserIDs": list{"ana"}})
		start := c.ms.Load()
		send(t, s, "ana", "r", "Die Straße ist lang")
		c.ms.Add(2 * hour)
		send(t, s, "bo", "r", "STRASSE gesperrt")
		c.ms.Add(2 * hour)
		send(t, s, "ana", "other", "strasse 手机壳 😀")
		sendBody(t, s, textMessage("ana", "r", "strasse unseen", obj{"isHidden": true}))
		do(t, s, "message/send_system", obj{"xcRoomID": "r", "body": "strasse, says the app"})
		const long, closed, phone = "Die Straße ist lang", "STRASSE gesperrt", "strasse 手机壳 😀"
		finds(t, s, obj{"query": "strasse"}, phone, closed, long)
		for _, q := range []struct {
			query obj
			want  []string
		}{
			{obj{"query": "Straße", "limit": 1}, []string{phone, closed, long}},
			{obj{"query": "lang straße!"}, []string{long}},
			{obj{"query": "机壳"}, []string{phone}},
			{obj{"query": "😀 strasse"}, []string{phone}},
			{obj{"query": "strasse", "xcRoomID": "r"}, []string{closed, long}},
			{obj{"query": "strasse", "roomID": room}, []string{closed, long}},
			{obj{"query": "strasse", "xcUserID": "ana"}, []string{phone, long}},
			{obj{"query": "strasse", "userID": ana.UserID}, []string{phone, long}},
			{obj{"query": "strasse", "xcRoomID": "r", "xcUserID": "bo"}, []string{closed}},
			{obj{"query": "strasse", "from": start + hour}, []string{phone, closed}},
			{obj{"query": "strasse", "until": start + hour}, []string{long}},
			{obj{"query": "strasse", "from": start + hour, "until": start + 3*hour}, []string{closed}},
			{obj{"query": "strasse", "from": start + 9*hour}, nil},
			{obj{"query": "stra"}, nil},
			{obj{"query": "strasse lang gesperrt"}, nil},
		} {
			finds(t, s, q.query, q.want...)
		}
		if m := found(t, s, obj{"query": "lang"})[0]; m.Room.XCRoomID != "r" || m.Room.RoomID != room || m.TypeName != "text" {
			t.Errorf("a message that is found: %+v", m)
		}
		if m := found(t, s, obj{"query": "lang", "sealed": true})[0]; m.Body == long {
			t.Error("it is plain, though it is to be sealed")
		}
		refuse(t, s, "message/search", obj{"query": "!?"}, invalid("query", "query", "must have a word"))
		var many []string
		for i := range 33 {
			many = append(many, strconv.Itoa(i))
		}
		refuse(t, s, "message/search", obj{"query": strings.Join(many, " ")}, invalid("query", "query", "must have at most 32 words"))
		cursor := ask[messagePage](t, s, "message/search", obj{"query": "strasse", "limit": 1}).NextCursor
		refuse(t, s, "message/search", obj{"query": "lang", "limit": 1, "cursor": cursor}, invalid("cursor", "cursor", "must be the nextCursor of a call with the same other parameters"))
	})
}

// TestSearchFollowsChanges: what is edited, deleted, and comes back is found as it is.
func TestSearchFollowsChanges(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana", "bo")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		putRoom(t, s, "q", obj{"participantXCUserIDs": list{"ana", "bo"}})
		for _, text := range []string{"apple one", "apple two", "apple three"} {
			send(t, s, "ana", "r", text)
		}
		send(t, s, "ana", "q", "apple elsewhere")
		finds(t, s, obj{"query": "apple"}, "apple elsewhere", "apple three", "apple two", "apple one")
		ids := map[string]string{}
		for _, m := range found(t, s, obj{"query": "apple"}) {
			ids[m.Body] = m.MessageID
		}
		do(t, s, "message/edit", obj{"messageID": ids["apple two"], "body": "pear two"})
		do(t, s, "message/delete", obj{"messageIDs": list{ids["apple one"]}})
		// At once, whatever the index says.
		if got := bodiesOf(found(t, s, obj{"query": "apple"})); got != "apple elsewhere apple three" {
			t.Errorf("behind an edit and a deletion it finds %q", got)
		}
		finds(t, s, obj{"query": "pear"}, "pear two")
		do(t, s, "room/delete", obj{"xcRoomID": "r"})
		if got := bodiesOf(found(t, s, obj{"query": "two"})) + bodiesOf(found(t, s, obj{"query": "apple"})); got != "apple elsewhere" {
			t.Errorf("with the room deleted it finds %q", got)
		}
		do(t, s, "room/restore", obj{"xcRoomID": "r"})
		finds(t, s, obj{"query": "two"}, "pear two")
		finds(t, s, obj{"query": "apple"}, "apple elsewhere", "apple three")

		// A cursor goes on where it was, whatever comes and goes.
		page := ask[messagePage](t, s, "message/search", obj{"query": "apple", "limit": 1})
		send(t, s, "bo", "r", "apple four")
		do(t, s, "message/delete", obj{"messageIDs": list{page.Messages[0].MessageID}})
		finds(t, s, obj{"query": "four"}, "apple four")
		if got := bodiesOf(ask[messagePage](t, s, "message/search", obj{"query": "apple", "cursor": page.NextCursor}).Messages); got != "apple three" {
			t.Errorf("the next page has %q", got)
		}
	})
}

// TestSearchOfAnotherApp: neither its words nor its ids find anything.
func TestSearchOfAnotherApp(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		other := s.Default()
		mark := strings.NewReplacer("_", "x", "-", "y").Replace("mk" + strings.ToLower(localID(t)[:12]))
		putUsers(t, s, "ana")
		room := putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana"}}).Room.RoomID
		send(t, s, "ana", "r", mark)
		finds(t, s, obj{"query": mark}, mark)
		if got := found(t, other, obj{"query": mark}); len(got) > 0 {
			t.Errorf("another App finds %q", bodiesOf(got))
		}
		if a := call(t, other, "message/search", obj{"query": mark, "roomID": room}); a.Status != 404 {
			t.Errorf("another App asks for a room of this one's: %d", a.Status)
		}
	})
}
