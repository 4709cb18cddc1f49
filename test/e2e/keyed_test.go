package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/powertalk/serverapi"
	"parlor/test/env/servertest"
)

// headers are those of a backend's call, with others besides.
func headers(s *servertest.App, others ...string) http.Header {
	h := http.Header{}
	h.Set("Server-Key", base64.StdEncoding.EncodeToString([]byte(s.ServerKey)))
	for i := 0; i < len(others); i += 2 {
		h.Add(others[i], others[i+1])
	}
	return h
}

// keyed is a call under an Idempotency-Key.
func keyed(t testing.TB, s *servertest.App, k, path string, body any) servertest.Answer {
	t.Helper()
	a := s.Do(t, http.MethodPost, "/v1/server/"+path, headers(s, "Idempotency-Key", k), body)
	checkContract(t, path, a)
	return a
}

// isRepeat reports whether an answer says that it is that of an earlier call.
func isRepeat(a servertest.Answer) bool { return a.HTTP.Header.Get("Idempotent-Replayed") == "true" }

// checkRepeat holds an answer to be that of an earlier call, byte for byte.
func checkRepeat(t testing.TB, path string, first, a servertest.Answer) {
	t.Helper()
	if !isRepeat(a) || !bytes.Equal(a.Body, first.Body) || a.HTTP.StatusCode != first.HTTP.StatusCode ||
		a.HTTP.Header.Get("Content-Type") != first.HTTP.Header.Get("Content-Type") {
		t.Errorf("%s: repeated %v:\n%s\nbut first\n%s", path, isRepeat(a), a.Body, first.Body)
	}
}

var keyReused = failure{"42201", "This Idempotency-Key was used for a call with another path or body", "Idempotency-Key"}

// readOnly are the calls that change nothing. Everything else must take an Idempotency-Key.
var readOnly = map[string]bool{
	"room/get": true, "room/get_list_by_user": true, "role/list": true, "report/list": true, "audit/list": true,
	"room/list": true, "room/participants/list": true, "message/list": true, "message/search": true, "message/get": true, "message/send_to_rooms/get": true, "message/delete_matching/get": true,
	"user/erase/get": true, "user/export/get": true,
	"user/get": true, "user/list": true,
	"presence/get": true, "unread/get": true, "unread/participants": true,
	"events/list": true, "webhook/list": true, "webhook/get": true, "webhook/dead/list": true, "before_hook/get": true,
	"retention/list": true,
}

// TestEveryChangeTakesAKey: whoever adds a call that changes something has it take a key.
func TestEveryChangeTakesAKey(t *testing.T) {
	t.Parallel()
	for _, e := range serverapi.Endpoints(nil) {
		path := strings.TrimPrefix(e.Path, "/server/")
		if takes := e.Once != nil; takes == readOnly[path] {
			t.Errorf("%s takes an Idempotency-Key: %v", path, takes)
		}
		if !e.MayBeStrict {
			t.Errorf("%s cannot be strict", path)
		}
	}
}

// TestRepeatedCalls: a repeat is answered as the call was, changes nothing, and says so. What reads is done
// anew each time.
func TestRepeatedCalls(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		for i, e := range endpoints {
			k := fmt.Sprint("endpoint-", i)
			first := keyed(t, s, k, e.path, e.good)
			if first.Status != 200 || isRepeat(first) {
				t.Errorf("%s: %s", e.path, first.Body)
			}
			if readOnly[e.path] {
				if isRepeat(keyed(t, s, k, e.path, e.good)) {
					t.Errorf("%s reads, and was answered from what is stored", e.path)
				}
				continue
			}
			// What has happened since does not show.
			do(t, s, "room/lock", obj{"xcRoomID": "r", "xcUserID": "a"})
			do(t, s, "room/unlock", obj{"xcRoomID": "locked", "xcUserID": "a"})
			unchanged(t, s, func() {
				checkRepeat(t, e.path, first, keyed(t, s, k, e.path, e.good))
				checkRepeat(t, e.path, first, keyed(t, s, `"`+k+`"`, e.path, e.good)) // as a structured field
				for what, body := range map[string]any{
					"another body": e.with("name", "another"), "the same with a space": text(t, e.good) + " ", "nothing": "",
				} {
					if a := keyed(t, s, k, e.path, body); a.Error.Code != "42201" || isRepeat(a) {
						t.Errorf("%s, %s under its key: %s", e.path, what, a.Body)
					}
				}
				checkFailure(t, keyed(t, s, k, otherChange(e.path), e.good), keyReused)
			})
			do(t, s, "room/unlock", obj{"xcRoomID": "r", "xcUserID": "a"})
			do(t, s, "room/lock", obj{"xcRoomID": "locked", "xcUserID": "a"})
		}
	})
}

// otherChange is a call that is not path.
func otherChange(path string) string {
	if path == "room/lock" {
		return "room/unlock"
	}
	return "room/lock"
}

// TestMessageUnderKey: with a key alone a message is stored once.
func TestMessageUnderKey(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a", "b"}})
		long := strings.Repeat("0123456789", 900) // of three parts
		for i, body := range []obj{
			textMessage("a", "r", "once", nil),
			textMessage("a", "r", long, nil),
			{"messageType": 1001, "body": "to a person", "senderXCUserID": "a", "recipientXCUserID": "b"},
			textMessage("a", "r", "with an id", obj{"localID": "an_id_of_the_callers_own_0123"}),
		} {
			k := fmt.Sprint("message-", i)
			first := keyed(t, s, k, "message/send/custom", body)
			before, _ := inList(t, s, "b", "r")
			for range 3 {
				checkRepeat(t, k, first, keyed(t, s, k, "message/send/custom", body))
			}
			if after, _ := inList(t, s, "b", "r"); after.UnreadCount != before.UnreadCount {
				t.Errorf("%s: %d unread, then %d", k, before.UnreadCount, after.UnreadCount)
			}
		}
		// Two keys are two messages.
		one := keyed(t, s, "k1", "message/send/custom", textMessage("a", "r", "same", nil))
		two := keyed(t, s, "k2", "message/send/custom", textMessage("a", "r", "same", nil))
		if bytes.Equal(one.Body, two.Body) {
			t.Errorf("two keys, one message: %s", one.Body)
		}
	})
}

// TestRefusalsAreNotStored: what was refused changed nothing, and may be done once it can be, under the
// same key and with whatever body.
func TestRefusalsAreNotStored(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for range 2 {
			checkFailure(t, keyed(t, s, "k", "room/lock", obj{"xcRoomID": "r", "xcUserID": "a"}), roomNotFound)
		}
		checkFailure(t, keyed(t, s, "k", "room/lock", obj{"xcRoomID": "r"}), required("xcUserID", "xcUserID"))
		putUsers(t, s, "a")
		putRoom(t, s, "r", nil)
		first := keyed(t, s, "k", "room/lock", obj{"xcRoomID": "r", "xcUserID": "a"})
		if first.Status != 200 || isRepeat(first) {
			t.Fatalf("%s", first.Body)
		}
		checkRepeat(t, "room/lock", first, keyed(t, s, "k", "room/lock", obj{"xcRoomID": "r", "xcUserID": "a"}))
	})
}

// TestKeysOfApps: a key is an App's own, whichever of its server keys is shown.
func TestKeysOfApps(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		other := s.Default()
		k := base64.RawURLEncoding.EncodeToString([]byte(s.Name))
		body := obj{"code": "role under " + k, "name": "N"}
		for _, app := range []*servertest.App{s, other} {
			if a := keyed(t, app, k, "role/create_or_update", body); isRepeat(a) || a.Status != 200 {
				t.Errorf("another App's key is found: %s", a.Body)
			}
		}
		checkFailure(t, keyed(t, other, k, "role/create_or_update", obj{"code": "x"}), keyReused)
	})
}

// TestBadKeys: what is no key is refused before anything is done.
func TestBadKeys(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		role := obj{"code": "never"}
		for _, k := range []string{
			"", `""`, `"`, `"a`, `a"`, `a b`, `a,b`, `a;b`, `"a";b=1`, `"a\b"`, `"a" "b"`, `a\b`, "ключ", "a\tb", strings.Repeat("k", 256),
			`"` + strings.Repeat("k", 256) + `"`, strings.Repeat("k", 10_000), `"` + strings.Repeat(`\\`, 256) + `"`,
		} {
			a := keyed(t, s, k, "role/create_or_update", role)
			if a.Error.Code != "40002" || a.Error.Field != "Idempotency-Key" {
				t.Errorf("%.50q: %s", k, a.Body)
			}
		}
		h := headers(s, "Idempotency-Key", "a", "Idempotency-Key", "a")
		if a := s.Do(t, http.MethodPost, "/v1/server/role/create_or_update", h, role); a.Error.Field != "Idempotency-Key" {
			t.Errorf("two keys: %s", a.Body)
		}
		if got := ask[struct{ Roles list }](t, s, "role/list", obj{}); len(got.Roles) != 0 {
			t.Errorf("calls with bad keys were done: %v", got)
		}
		for _, k := range []string{"a", "8e03978e-40d5-43de-bc93-6894a57f9324", `"a b"`, `"\"\\"`, strings.Repeat("k", 255), "!~"} {
			a := keyed(t, s, k, "role/create_or_update", obj{"code": "good"})
			if k == `"a b"` { // a space is not visible
				if a.Error.Code != "40002" {
					t.Errorf("%q: %s", k, a.Body)
				}
				continue
			}
			if a.Status != 200 || !isRepeat(keyed(t, s, k, "role/create_or_update", obj{"code": "good"})) {
				t.Errorf("%q: %s", k, a.Body)
			}
		}
	})
}

// TestKeysAreForgotten: after seven days a key is new, and what is done under it is another call.
func TestKeysAreForgotten(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		body := textMessage("a", "r", "hi", nil)
		first := keyed(t, s, "k", "message/send/custom", body)
		c.ms.Add(chat.CallsKept.Milliseconds() - 1)
		checkRepeat(t, "just before", first, keyed(t, s, "k", "message/send/custom", body))
		c.ms.Add(1)
		for _, text := range []string{"hi", "hi"} {
			a := keyed(t, s, "k", "message/send/custom", textMessage("a", "r", text, nil))
			if isRepeat(a) || bytes.Equal(a.Body, first.Body) || a.Status != 200 {
				t.Errorf("after seven days: %s, first %s", a.Body, first.Body)
			}
			first = a
			c.ms.Add(chat.CallsKept.Milliseconds())
		}
		// Another body is another call, too.
		if a := keyed(t, s, "k", "message/send/custom", textMessage("a", "r", "other", nil)); a.Status != 200 || isRepeat(a) {
			t.Errorf("another body after seven days: %s", a.Body)
		}
	})
}

// TestKeysSurviveRestarts: the answer is in the database.
func TestKeysSurviveRestarts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		first := keyed(t, s, "k", "room/create_or_update", obj{"xcRoomID": "r", "type": 2, "name": "R"})
		s.Stop(t)
		s.StartAgain(t)
		checkRepeat(t, "after a restart", first, keyed(t, s, "k", "room/create_or_update", obj{"xcRoomID": "r", "type": 2, "name": "R"}))
	})
}

// TestSameKeyAtOnce: of many calls under one key at the same time, on two nodes, one is done, and all get
// its answer.
func TestSameKeyAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		s := servertest.Start(t, servertest.SQLite(t), nil).Default()
		sameKeyAtOnce(t, 40, s)
	})
	t.Run("postgres", func(t *testing.T) {
		cfg := servertest.Postgres(t)
		sameKeyAtOnce(t, 60, servertest.Start(t, cfg, nil).Default(), servertest.Start(t, cfg, nil).Default())
	})
}

func sameKeyAtOnce(t *testing.T, rounds int, nodes ...*servertest.App) {
	s := nodes[0]
	putUsers(t, s, "a", "b")
	putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a", "b"}})
	sent := 0
	for round := range rounds {
		body, path := textMessage("a", "r", fmt.Sprint("round ", round), nil), "message/send/custom"
		if round%3 == 2 {
			path, body = "room/create_or_update", obj{"xcRoomID": fmt.Sprint("room-", round), "type": 2, "name": "N", "participantXCUserIDs": list{"a"}}
		} else {
			sent++
		}
		const each = 4
		answers := make([]servertest.Answer, each*len(nodes))
		var start, all sync.WaitGroup
		start.Add(1)
		for i := range answers {
			all.Go(func() {
				start.Wait()
				answers[i] = nodes[i%len(nodes)].Do(t, http.MethodPost, "/v1/server/"+path,
					headers(s, "Idempotency-Key", fmt.Sprint("round-", round)), body)
			})
		}
		start.Done()
		all.Wait()
		done := 0
		for _, a := range answers {
			if !isRepeat(a) {
				done++
			}
			if a.Status != 200 || !bytes.Equal(a.Body, answers[0].Body) {
				t.Errorf("round %d: %s\nbut also %s", round, a.Body, answers[0].Body)
			}
		}
		if done != 1 {
			t.Errorf("round %d: done %d times", round, done)
		}
	}
	sum, _ := inList(t, s, "b", "r")
	if sum.UnreadCount != sent+1 { // and that the room was made
		t.Errorf("%d unread after %d messages", sum.UnreadCount, sent)
	}
}

// TestOtherBodiesAtOnce: of different calls under one key at the same time one is done, and the others are
// refused.
func TestOtherBodiesAtOnce(t *testing.T) {
	t.Parallel()
	cfg := servertest.Postgres(t)
	nodes := []*servertest.App{servertest.Start(t, cfg, nil).Default(), servertest.Start(t, cfg, nil).Default()}
	for round := range 30 {
		answers := make([]servertest.Answer, 8)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				answers[i] = nodes[i%2].Do(t, http.MethodPost, "/v1/server/role/create_or_update",
					headers(nodes[0], "Idempotency-Key", fmt.Sprint("k-", round)), obj{"code": fmt.Sprint(round, "-", i)})
			})
		}
		all.Wait()
		done := 0
		for _, a := range answers {
			switch {
			case a.Status == 200 && !isRepeat(a):
				done++
			case a.Error.Code != "42201":
				t.Errorf("%s", a.Body)
			}
		}
		if done != 1 {
			t.Errorf("round %d: %d calls were done under one key", round, done)
		}
	}
	if got := ask[struct{ Roles list }](t, nodes[0], "role/list", obj{}); len(got.Roles) != 30 {
		t.Errorf("%d roles", len(got.Roles))
	}
}

// TestLeaveUnderWay: a caller who leaves takes nothing along: the repeat is answered.
func TestLeaveUnderWay(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"a"}})
		body := textMessage("a", "r", "hi", nil)
		for i := range 20 {
			k := fmt.Sprint("left-", i)
			hangUp(t, s, k, body, time.Duration(i)*200*time.Microsecond)
			a := keyed(t, s, k, "message/send/custom", body)
			if a.Status != 200 {
				t.Errorf("%d: %s", i, a.Body)
			}
			checkRepeat(t, k, a, keyed(t, s, k, "message/send/custom", body))
		}
		if sum := last(t, s, "a", "r"); sum.LocalID == "" {
			t.Error("no message")
		}
	})
}

// hangUp makes a call under a key and leaves after a time.
func hangUp(t testing.TB, s *servertest.App, k string, body any, after time.Duration) {
	t.Helper()
	ctx, leave := context.WithTimeout(t.Context(), after)
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/v1/server/message/send/custom",
		strings.NewReader(text(t, body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = headers(s, "Idempotency-Key", k)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
	}
}
