package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/serverapi"
	"parlor/test/env/servertest"
)

// TestRoutesAreDocumented: the description has the calls that are served and no others.
// TestOperatorPages looks at its other pages.
func TestRoutesAreDocumented(t *testing.T) {
	t.Parallel()
	var documented, served, tested []string
	for path, item := range loadContract(t).doc["paths"].(obj) {
		if item.(obj)["post"] != nil && strings.HasPrefix(path, "/v1/server/") {
			documented = append(documented, path)
		}
	}
	for _, e := range serverapi.Endpoints(nil) {
		served = append(served, "/v1"+e.Path)
	}
	for _, e := range slices.Concat(endpoints, feedEndpoints, reportEndpoints, leavingEndpoints) {
		tested = append(tested, "/v1/server/"+e.path)
	}
	slices.Sort(documented)
	slices.Sort(served)
	slices.Sort(tested)
	if !slices.Equal(documented, served) || !slices.Equal(served, tested) {
		t.Errorf("documented %q\nserved     %q\ntested     %q", documented, served, tested)
	}
}

// TestEveryKindOfAnswer makes each endpoint give each answer that its description has an
// example of, as far as a single call can. checkContract looks at them all.
func TestEveryKindOfAnswer(t *testing.T) {
	t.Parallel()
	// The first needs a limit of calls, which there is none of yet; the others are in
	// TestInternalFailure and TestOverload.
	elsewhere := map[string]bool{"42901": true, "50000": true, "50301": true}
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		revoked := newKey(t, s, s.Name)
		revoke(t, s, s.Name, revoked)
		do(t, s, "message/send/custom", obj{"messageType": 1001, "body": "hi", "senderXCUserID": "a", "recipientXCUserID": "b"})
		personal := ask[roomPage](t, s, "room/list", obj{"type": 1}).Rooms[0].RoomID
		system := listed(t, s, obj{"xcRoomID": "r", "types": list{9001}}, 1)[0].MessageID
		// A hundred under way at a time are in TestManyUnderWay, rules in TestRetentionRules, and a server without an index in
		// TestSearchIsSwitchedOff.
		crowded := map[string]bool{"message/send_to_rooms 40301": true, "message/delete_matching 40301": true, "message/search 40901": true, "retention/set 40301": true}
		for _, e := range endpoints {
			got := map[string]bool{}
			note := func(a servertest.Answer) {
				t.Helper()
				checkContract(t, e.path, a)
				got[a.Error.Code] = true
			}
			note(call(t, s, e.path, e.good))
			note(call(t, s, e.path, "["))
			note(s.Post(t, "/v1/server/"+e.path, "", e.good))
			for _, k := range []string{"no colon", "unknown:x", s.AppKey, revoked} {
				note(callKey(t, s, k, e.path, e.good))
			}
			note(stream(t, s, "/v1/server/"+e.path, upload{
				key: key(s.ServerKey), body: io.LimitReader(endless{}, 5<<20), length: 5 << 20,
			}))
			for _, change := range []obj{
				{"xcRoomID": "none of " + e.path},
				{"xcUserID": "none of " + e.path},
				{"senderXCUserID": "nobody"},
				{"senderXCUserID": "b"},
				{"xcRoomID": nil, "roomID": personal},
				{"localID": "none"},
				{"localID": nil, "messageID": system},
				{"sendID": "none", "deletionID": "none"},
			} {
				body := maps.Clone(e.good)
				maps.Copy(body, change)
				note(call(t, s, e.path, body))
			}
			if e.path == "auth_ticket/request" {
				do(t, s, "user/deactivate", obj{"xcUserID": "b"})
				note(call(t, s, e.path, e.with("xcUserID", "b")))
				do(t, s, "user/reactivate", obj{"xcUserID": "b"})
			}
			if e.path == "role/delete" {
				note(call(t, s, e.path, obj{"code": "agent"}))
			}
			var want []string
			for code := range loadContract(t).codes(e.path) {
				if !elsewhere[code] && !crowded[e.path+" "+code] {
					want = append(want, code)
				}
			}
			slices.Sort(want)
			if codes := slices.Sorted(maps.Keys(got)); !slices.Equal(codes, want) {
				t.Errorf("%s answers %q, the description has examples of %q", e.path, codes, want)
			}
		}
	})
}

// codes are the error codes that a call's description has examples of, "" for success.
func (c *contract) codes(path string) map[string]bool {
	op := c.doc["paths"].(obj)["/v1/server/"+path].(obj)["post"].(obj)
	answer := op["responses"].(obj)["200"].(obj)["content"].(obj)["application/json"].(obj)
	out := map[string]bool{}
	for _, example := range answer["examples"].(obj) {
		value := c.resolve(example.(obj))["value"].(obj)
		out[value["error"].(obj)["code"].(string)] = true
	}
	return out
}

// TestInternalFailure: a failure that nobody foresaw is one that the description foresees.
func TestInternalFailure(t *testing.T) {
	t.Parallel()
	for _, e := range serverapi.Endpoints(nil) {
		e.Authenticate = func(context.Context, http.Header) (chat.Caller, error) { return chat.Caller{}, nil }
		e.Handle = func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) { panic("unforeseen") }
		api := httpapi.New([]httpapi.Endpoint{e}, powertalk.Dialect{}, budget.New(nil), slog.New(slog.DiscardHandler),
			func(string, string, time.Duration) {})
		srv := httptest.NewServer(api)
		defer srv.Close()
		a := stream(t, (&servertest.Server{URL: srv.URL}).Default(), "/v1"+e.Path,
			upload{body: strings.NewReader("{}"), length: -1})
		checkContract(t, strings.TrimPrefix(e.Path, "/server/"), a)
		if a.Error.Code != "50000" || strings.Contains(string(a.Body), "unforeseen") {
			t.Errorf("%s: %s", e.Path, a.Body)
		}
	}
}

// TestContractIsStrict spoils real answers a little, in every place, and holds the check
// to noticing: a key too many, a key too few, and null where it cannot be.
func TestContractIsStrict(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	s := servertest.Start(t, servertest.SQLite(t), nil).Default()
	prepare(t, s)
	for _, e := range endpoints {
		broken := "["
		for _, a := range []servertest.Answer{
			call(t, s, e.path, e.good), call(t, s, e.path, broken), callKey(t, s, "unknown:x", e.path, e.good),
		} {
			var value any
			if err := json.Unmarshal(a.Body, &value); err != nil {
				t.Fatal(err)
			}
			faults := 0
			spoil(value, "", func(what string) {
				faults++
				var b bytes.Buffer
				if err := json.NewEncoder(&b).Encode(value); err != nil {
					t.Fatal(err)
				}
				if c.check("post", "/v1/server/"+e.path, b.Bytes()) == nil {
					t.Errorf("%s %s: still valid", e.path, what)
				}
			})
			if faults < 15 {
				t.Errorf("%s: only %d faults tried", e.path, faults)
			}
		}
	}
}

// spoil calls try with each fault that it puts into value, and takes the fault back.
func spoil(value any, path string, try func(what string)) {
	if strings.HasSuffix(path, "[].data") {
		return // a backend's own
	}
	switch value := value.(type) {
	case obj:
		value["stray"] = true
		try("a stray key in " + path)
		delete(value, "stray")
		for _, k := range slices.Sorted(maps.Keys(value)) {
			kept := value[k]
			delete(value, k)
			try("no " + path + "." + k)
			value[k] = nil
			try("null for " + path + "." + k)
			switch kept.(type) {
			case string:
				value[k] = 1
			default:
				value[k] = "1"
			}
			try(fmt.Sprintf("%T for %s.%s", value[k], path, k))
			value[k] = kept
			spoil(kept, path+"."+k, try)
		}
	case list:
		for i, kept := range value {
			value[i] = nil
			try("a null in " + path)
			value[i] = kept
			spoil(kept, path+"[]", try)
		}
	}
}
