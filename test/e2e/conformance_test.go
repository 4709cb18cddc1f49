package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"parlor/test/conformance"
	"parlor/test/env/servertest"
)

// mustFields are the fields of each call's answer that SDKs use without a look whether they are
// there, with their types.
var mustFields = sync.OnceValues(func() (map[string]map[string]string, error) {
	areas, err := conformance.ClientAPI()
	if err != nil {
		return nil, err
	}
	fields := map[string]map[string]string{}
	for _, a := range areas {
		for _, c := range a.Calls {
			fields[c.Call] = c.Must
		}
	}
	return fields, nil
})

// checkMust looks for what SDKs need in the answer of a call. What the entries of a list are is
// checked for each, and if filled, there must be one.
func checkMust(t testing.TB, path string, a servertest.Answer, filled bool) {
	t.Helper()
	fields, err := mustFields()
	if err != nil {
		t.Fatal(err)
	}
	var data any
	d := json.NewDecoder(bytes.NewReader(a.Data))
	d.UseNumber()
	if err := d.Decode(&data); err != nil {
		t.Fatal(err)
	}
	if fields[path] == nil {
		t.Errorf("%s is not in test/conformance/calls.json", path)
	}
	for field, kind := range fields[path] {
		if err := hasField(data, field, kind, filled); err != nil {
			t.Errorf("%s: %s: %v: %.500s", path, field, err, a.Body)
		}
	}
}

// hasField looks for a field such as "user.userID" or "contacts[].user.fullname".
func hasField(value any, field, kind string, filled bool) error {
	if rest, ok := strings.CutPrefix(field, "[]"); ok {
		entries, ok := value.([]any)
		switch {
		case !ok:
			return fmt.Errorf("%v is no list", value)
		case filled && len(entries) == 0:
			return fmt.Errorf("the list is empty")
		}
		for _, entry := range entries {
			if err := hasField(entry, strings.TrimPrefix(rest, "."), kind, filled); err != nil {
				return err
			}
		}
		return nil
	}
	if field == "" {
		if !isKind(value, kind) {
			return fmt.Errorf("%v is no %s", value, kind)
		}
		return nil
	}
	end := strings.IndexAny(field, ".[")
	if end < 0 {
		end = len(field)
	}
	object, ok := value.(obj)
	if !ok {
		return fmt.Errorf("%v is no object", value)
	}
	inner, ok := object[field[:end]]
	if !ok {
		return fmt.Errorf("there is none")
	}
	return hasField(inner, strings.TrimPrefix(field[end:], "."), kind, filled)
}

func isKind(value any, kind string) bool {
	switch value := value.(type) {
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case json.Number:
		_, err := value.Int64()
		return kind == "integer" && err == nil
	case list:
		return kind == "array"
	case obj:
		return kind == "object"
	}
	return false
}

// TestBeforeLogin: the calls that come before there is a login need the App's key, and no more.
func TestBeforeLogin(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		w := newGuardedWorld(t, s)
		d, foreign := s.SignIn(t, "ana", "1"), w.other.SignIn(t, "eve", "1")
		const settings, request, refresh = "client/project_configs", "auth/access_token/request", "auth/access_token/refresh"
		for what, change := range wrongKeys(w, d.Refresh, foreign.Access) {
			for _, path := range []string{settings, request, refresh} {
				h := d.Headers(d.Access)
				want := change(h)
				token := strings.HasPrefix(want, "401") && want != "40105" // of what is in Authorization
				switch {
				case path == settings && (token || what == "a key of another App" || what == "a token of another App"):
					want = "" // whatever it is, it says nothing here
				case path == refresh && what == "a refresh token":
					want = ""
				case want == "40105":
					want = "40103" // an access token buys nothing, whosever it is
				}
				a := s.Do(t, http.MethodPost, "/v1/"+path, h, nil)
				checkDevice(t, path, a)
				if a.Error.Code != want {
					t.Errorf("%s with %s: %s, want code %q", path, what, a.Body, want)
				}
			}
		}
		h := d.Headers("")
		a := s.Do(t, http.MethodPost, "/v1/"+settings, h, nil)
		checkMust(t, settings, a, true)
		var ticket struct{ Ticket string }
		s.Must(t, "auth_ticket/request", obj{"xcUserID": "ana", "fullName": "Ana"}, &ticket)
		a = s.Do(t, http.MethodPost, "/v1/"+request, d.Headers(ticket.Ticket), nil)
		checkDevice(t, request, a)
		checkMust(t, request, a, true)
		if again := s.Do(t, http.MethodPost, "/v1/"+request, d.Headers(ticket.Ticket), nil); again.Error.Code != "40103" {
			t.Errorf("a ticket that was used: %s", again.Body)
		}
	})
}
