package e2e

import (
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// found is all that message/search answers to a query, page by page.
func found(t testing.TB, s *servertest.App, query obj) (all []toldMessage) {
	t.Helper()
	body := with(query, nil)
	for range 1000 {
		page := ask[messagePage](t, s, "message/search", body)
		all = append(all, page.Messages...)
		if page.HasMore != (page.NextCursor != "") {
			t.Fatalf("more: %t, cursor %q", page.HasMore, page.NextCursor)
		}
		if !page.HasMore {
			return all
		}
		body["cursor"] = page.NextCursor
	}
	t.Fatal("the list has no end")
	return nil
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
		if a := call(t, s, "message/search", query); a.Status != 200 {
			got = a.Error.Message
			return false
		}
		var bodies []string
		for _, m := range found(t, s, query) {
			bodies = append(bodies, m.Body)
		}
		got = strings.Join(bodies, " | ")
		return got == want
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "ana", "bo")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		putRoom(t, s, "other", obj{"participantXCUserIDs": list{"ana"}})
		send(t, s, "ana", "r", "Die Straße ist lang")
		send(t, s, "bo", "r", "STRASSE gesperrt")
		send(t, s, "ana", "other", "strasse 手机壳 😀")
		sendBody(t, s, textMessage("ana", "r", "strasse unseen", obj{"isHidden": true}))
		finds(t, s, obj{"query": "strasse"}, "strasse 手机壳 😀", "STRASSE gesperrt", "Die Straße ist lang")
		finds(t, s, obj{"query": "Straße", "limit": 1}, "strasse 手机壳 😀", "STRASSE gesperrt", "Die Straße ist lang")
		finds(t, s, obj{"query": "lang straße"}, "Die Straße ist lang")
		finds(t, s, obj{"query": "机壳"}, "strasse 手机壳 😀")
		finds(t, s, obj{"query": "😀"}, "strasse 手机壳 😀")
		finds(t, s, obj{"query": "strasse", "xcRoomID": "r"}, "STRASSE gesperrt", "Die Straße ist lang")
		finds(t, s, obj{"query": "strasse", "xcUserID": "ana"}, "strasse 手机壳 😀", "Die Straße ist lang")
		finds(t, s, obj{"query": "strasse", "xcRoomID": "r", "xcUserID": "bo"}, "STRASSE gesperrt")
		finds(t, s, obj{"query": "stra"})
	})
}
