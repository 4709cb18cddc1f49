package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// strictly is a call that wants unknown parameters refused, or whatever a header says.
func strictly(t testing.TB, s *servertest.App, header, path string, body any) servertest.Answer {
	t.Helper()
	a := s.Do(t, http.MethodPost, "/v1/server/"+path, headers(s, "Parlor-Strict", header), body)
	checkContract(t, path, a)
	return a
}

// TestStrictCalls: every call refuses what it does not know, does nothing then, and takes all that it does.
func TestStrictCalls(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		for _, e := range endpoints {
			if a := strictly(t, s, "true", e.path, e.good); a.Status != 200 {
				t.Errorf("%s, as it is to be: %s", e.path, a.Body)
			}
			entries := len(audit(t, s, obj{}).Entries)
			unchanged(t, s, func() {
				for _, value := range []any{1, "x", nil, obj{}, list{}} {
					body := e.with("zzz", value)
					checkFailure(t, strictly(t, s, "true", e.path, body), invalid("zzz", "zzz", "is unknown"))
					checkFailure(t, strictly(t, s, "?1", e.path, body), invalid("zzz", "zzz", "is unknown"))
				}
			})
			if got := len(audit(t, s, obj{}).Entries); got != entries {
				t.Errorf("%s: %d entries more in the audit log", e.path, got-entries)
			}
			for _, lenient := range []string{"false", "?0"} {
				if a := strictly(t, s, lenient, e.path, e.with("zzz", 1)); a.Status != 200 {
					t.Errorf("%s, with %s: %s", e.path, lenient, a.Body)
				}
			}
			for _, param := range e.params { // all of them are known
				a := strictly(t, s, "true", e.path, e.with(param[0], nil))
				if strings.Contains(a.Error.Message, "is unknown") {
					t.Errorf("%s does not know %s: %s", e.path, param[0], a.Body)
				}
			}
		}
	})
}

// TestStrictSpelling: the error says what may have been meant, inside objects as well.
func TestStrictSpelling(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		for _, tt := range []struct {
			path, extra, name, reason string
		}{
			{"room/create_or_update", `{"photoThumbnailUrl":"x"}`, "photoThumbnailUrl", "is unknown; did you mean 'photoThumbnailURL'?"},
			{"role/create_or_update", `{"iconURI":"x"}`, "iconURI", "is unknown; did you mean 'iconURL'?"},
			{"role/create_or_update", `{"b":1,"a":1}`, "a", "is unknown"}, // the first by name
			{"message/send/custom", `{"quote":{"titel":"x"}}`, "quote.titel", "is unknown; did you mean 'quote.title'?"},
			{"contact/sync", `{"contacts":[{"ownerXCUserID":"a","contactXCUserID":"b","deleted":true}]}`, "deleted", "is unknown; did you mean 'isDeleted'?"},
		} {
			var body, extra obj
			for _, e := range endpoints {
				if e.path == tt.path {
					body = e.good
				}
			}
			if err := json.Unmarshal([]byte(tt.extra), &extra); err != nil {
				t.Fatal(err)
			}
			checkFailure(t, strictly(t, s, "true", tt.path, with(body, extra)), invalid(tt.name, tt.name, tt.reason))
		}
		// In a batch, too, and rather than that what was meant is missing.
		for _, tt := range []struct {
			path, name, reason string
			item               obj
		}{
			{"room/batch/create_or_update", "zz", "is unknown", obj{"xcRoomID": "second", "type": 2, "name": "N", "zz": 1}},
			{"room/participants/batch", "adXCUserIDs", "is unknown; did you mean 'addXCUserIDs'?", obj{"xcRoomID": "r", "adXCUserIDs": list{"a"}}},
		} {
			body := obj{"rooms": list{obj{"xcRoomID": "first", "type": 2, "name": "N", "addXCUserIDs": list{"a"}}, tt.item}}
			if tt.path == "room/batch/create_or_update" {
				delete(body["rooms"].(list)[0].(obj), "addXCUserIDs")
			} else {
				body["rooms"].(list)[0] = obj{"xcRoomID": "r", "removeXCUserIDs": list{"a"}}
			}
			unchanged(t, s, func() {
				checkFailure(t, strictly(t, s, "true", tt.path, body), invalid(tt.name, tt.name, tt.reason))
			})
		}
		refuse(t, s, "room/get", obj{"xcRoomID": "first"}, roomNotFound)
		for _, wrong := range []string{"yes", "2", "true, true", "on"} {
			if a := strictly(t, s, wrong, "role/list", obj{}); a.Error.Code != "40002" || a.Error.Field != "Parlor-Strict" {
				t.Errorf("%q: %s", wrong, a.Body)
			}
		}
	})
}
