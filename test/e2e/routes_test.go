package e2e

import (
	"net/http"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestPaths: base URLs come with and without /api, and with a slash too many.
func TestPaths(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putRoom(t, s, "r", nil)
		for _, path := range []string{
			"/v1/server/room/get", "/api/v1/server/room/get",
			"//v1/server/room/get", "/v1//server/room/get", "/v1/server//room///get", "//api//v1/server/room/get",
			"/api//v1/server/room/get",
			"/v1/server/room/get?x=1", "/v1/server/room%2Fget",
		} {
			a := stream(t, s, path, upload{key: key(s.ServerKey), body: strings.NewReader(`{"xcRoomID":"r"}`), length: -1})
			if a.Status != 200 {
				t.Errorf("%s: HTTP %d, %s", path, a.HTTP.StatusCode, a.Body)
			}
			checkContract(t, "room/get", a)
		}
	})
}

// TestUnknownPaths: what is no call answers an envelope as well, under a status of HTTP
// that says so, and never a redirect.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for _, path := range []string{
			"/v1", "/v1/", "/v1/server", "/v1/server/", "/v1/server/room", "/v1/server/room/gets", "/v1/server/room/get/",
			"/V1/server/room/get", "/v2/server/room/get", "/server/room/get", "/api/server/room/get",
			"/api/api/v1/server/room/get",
			"/v1/api/v1/server/room/get", "/v1/server/room/get/../get", "/v1/server/room/./get", "/v1/server/room/get%00",
			"/v1/%ff", "/v1/%0d%0aX:1",
			"/healthz/x", "/api/healthz", "/docs/x", "/v1/server/user/none", "/v1/server/auth_ticket", "/favicon.ico",
		} {
			for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut} {
				a := request(t, s, method, path)
				if a.HTTP.StatusCode != 404 || a.Status != 404 || a.Error.Code != "40400" || a.Error.Field != "" ||
					string(a.Data) != "{}" {
					t.Errorf("%s %s: HTTP %d, %s", method, path, a.HTTP.StatusCode, a.Body)
				}
				checkEnvelope(t, a)
			}
		}
	})
}

// TestOtherMethods: calls are POST.
func TestOtherMethods(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for _, e := range endpoints {
			for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch, "BREW"} {
				a := request(t, s, method, "/v1/server/"+e.path)
				if a.HTTP.StatusCode != 405 || a.Status != 405 || a.HTTP.Header.Get("Allow") != "POST" {
					t.Errorf("%s %s: HTTP %d, %s", method, e.path, a.HTTP.StatusCode, a.Body)
				}
				checkFailureBody(t, a, failure{"40500", "Use POST", ""})
				checkEnvelope(t, a)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.URL+"/v1/server/room/get", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 405 {
			t.Errorf("HEAD: HTTP %d", resp.StatusCode)
		}
	})
}

// TestConnectMethods: a socket begins with GET, below every base URL.
func TestConnectMethods(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for _, path := range []string{"/connect", "/api/connect", "//api//connect"} {
			a := request(t, s, http.MethodPost, path)
			if a.HTTP.StatusCode != 405 || a.Status != 405 || a.HTTP.Header.Get("Allow") != "GET" {
				t.Errorf("%s: HTTP %d, %s", path, a.HTTP.StatusCode, a.Body)
			}
			checkFailureBody(t, a, failure{"40500", "Use GET", ""})
			checkEnvelope(t, a)
		}
	})
}

// TestContentType: bodies are read as JSON, whatever they are called.
func TestContentType(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putRoom(t, s, "r", nil)
		for _, name := range []string{
			"", "application/json", "application/json; charset=UTF-8", "text/plain;charset=UTF-8",
			"application/x-www-form-urlencoded", "nonsense",
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/server/room/get",
				strings.NewReader(`{"xcRoomID":"r"}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Server-Key", key(s.ServerKey))
			if name != "" {
				req.Header.Set("Content-Type", name)
			}
			if a := answerOf(t, req); a.Status != 200 {
				t.Errorf("%q: %s", name, a.Body)
			}
		}
	})
}

// TestRequestID: every answer has an id, and no two have the same, not after a restart
// either.
func TestRequestID(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		seen := map[string]bool{}
		note := func(a servertest.Answer) {
			t.Helper()
			id := a.HTTP.Header.Get("X-Request-Id")
			if id == "" || seen[id] {
				t.Errorf("id %q after %d others: %s", id, len(seen), a.Body)
			}
			seen[id] = true
		}
		for range 3 {
			note(call(t, s, "role/list", ""))
			note(call(t, s, "room/get", ""))
			note(s.Post(t, "/v1/server/room/get", "", ""))
			note(request(t, s, http.MethodGet, "/v1/server/room/get"))
			note(request(t, s, http.MethodGet, "/none"))
		}
		s.Stop(t)
		s.StartAgain(t)
		note(call(t, s, "role/list", ""))
	})
}

// request sends a request without body or key.
func request(t testing.TB, s *servertest.App, method, path string) servertest.Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answerOf(t, req)
}

// checkFailureBody is checkFailure for what has another status of HTTP than 200.
func checkFailureBody(t testing.TB, a servertest.Answer, want failure) {
	t.Helper()
	if got := (failure{a.Error.Code, a.Error.Message, a.Error.Field}); got != want || string(a.Data) != "{}" {
		t.Errorf("answer %s, want %+v", a.Body, want)
	}
}

// checkEnvelope holds what is no call's answer to the form that all answers have.
func checkEnvelope(t testing.TB, a servertest.Answer) {
	t.Helper()
	if err := loadContract(t).checkAgainst("#/components/schemas/Envelope", a.Body); err != nil {
		t.Errorf("no envelope: %v\n%s", err, a.Body)
	}
	if got := a.HTTP.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}
	if a.HTTP.Header.Get("X-Request-Id") == "" {
		t.Error("no X-Request-Id")
	}
}

// TestHome: who opens the address in a browser is shown the way. Calls are still answered
// as calls.
func TestHome(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		got := getPage(t, s, "/")
		if got.status != 200 || !strings.Contains(got.body, `href="docs"`) ||
			!strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("HTTP %d: %s", got.status, got.body)
		}
		a := request(t, s, http.MethodPost, "/")
		checkFailureBody(t, a, failure{"40400", "There is no such endpoint: /", ""})
	})
}

// TestFilesAreRefused: the web SDK takes an answer for a file's content, and keeps it, unless
// its type is application/json and nothing more.
func TestFilesAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		for _, path := range []string{
			"/v1/chat/file/download", "/api/v1/chat/file/download", "/v1/chat/file/upload", "/v1/client/user/photo/upload",
		} {
			a := request(t, s, http.MethodPost, path)
			if got := a.HTTP.Header.Values("Content-Type"); a.HTTP.StatusCode != 200 || len(got) != 1 ||
				got[0] != "application/json" {
				t.Errorf("%s: HTTP %d, %q", path, a.HTTP.StatusCode, got)
			}
		}
	})
}
