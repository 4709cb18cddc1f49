package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// page is what one of the operator's pages answers.
type page struct {
	status int
	header http.Header
	body   string
}

func getPage(t testing.TB, s *servertest.App, path string) page {
	t.Helper()
	return askPage(t, s, http.MethodGet, path)
}

func askPage(t testing.TB, s *servertest.App, method, path string) page {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{resp.StatusCode, resp.Header, string(body)}
}

// TestOperatorPages: every page of the description is there, for everybody and by GET.
func TestOperatorPages(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for path, item := range c.doc["paths"].(obj) {
			op, ok := item.(obj)["get"].(obj)
			if !ok || path == "/connect" || strings.Contains(path, "{") { // the socket's door, and files, are no pages
				continue
			}
			content := op["responses"].(obj)["200"].(obj)["content"].(obj)
			for _, p := range []string{path, path + "/", path + "?x=1"} {
				got := getPage(t, s, p)
				kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
				if got.status != 200 || content[kind] == nil || got.body == "" {
					t.Errorf("%s: HTTP %d, %s, %d bytes", p, got.status, kind, len(got.body))
				}
				if kind == "application/json" {
					if err := c.check("get", path, []byte(got.body)); err != nil {
						t.Errorf("%s: %v", p, err)
					}
				}
			}
			if got := askPage(t, s, http.MethodHead, path); got.status != 200 || got.body != "" {
				t.Errorf("HEAD %s: HTTP %d, %q", path, got.status, got.body)
			}
			for _, method := range []string{http.MethodPost, http.MethodDelete} {
				if got := askPage(t, s, method, path); got.status != 405 || got.header.Get("Allow") != "GET, HEAD" {
					t.Errorf("%s %s: HTTP %d", method, path, got.status)
				}
			}
		}
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		for path, want := range map[string]string{
			"/healthz": `{"status":"ok"}`, "/readyz": `{"ready":true,"checks":{"database":"ok"}}`,
		} {
			if got := getPage(t, s, path); strings.TrimSpace(got.body) != want || got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %+v", path, got)
			}
		}
	})
}

// TestMetrics: calls are counted by endpoint and code, and what is no endpoint is not, so
// that strangers cannot make the page grow.
func TestMetrics(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		for range 3 {
			refuse(t, s, "room/get", obj{"xcRoomID": "none"}, roomNotFound)
		}
		s.Post(t, "/api/v1/server/room/get", "", "")
		request(t, s, http.MethodGet, "/v1/server/strange")
		body := getPage(t, s, "/metrics").body
		for _, line := range []string{
			`parlor_requests_total{code="",path="/server/user/update"} 2`,
			`parlor_requests_total{code="40401",path="/server/room/get"} 3`,
			`parlor_requests_total{code="40001",path="/server/room/get"} 1`,
			`parlor_request_seconds_count{path="/server/room/get"} 4`,
			`parlor_build_info{version="test"} 1`,
		} {
			if !strings.Contains(body, "\n"+line+"\n") {
				t.Errorf("no line %s", line)
			}
		}
		for _, name := range []string{
			"parlor_commit_writes_bucket", "parlor_commit_seconds_sum", "go_goroutines", "process_cpu_seconds_total",
		} {
			if !strings.Contains(body, "\n"+name) {
				t.Errorf("no metric %s", name)
			}
		}
		if strings.Contains(body, "strange") {
			t.Error("a path that does not exist is counted")
		}
	})
}

// TestPublishedDescription: what the server publishes is what these tests go by.
func TestPublishedDescription(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		body := getPage(t, s, "/openapi.json").body
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		var got any
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, any(loadContract(t).doc)) {
			t.Error("the published document differs from the source")
		}
		docs := getPage(t, s, "/docs").body
		for _, e := range endpoints {
			if !strings.Contains(docs, "/v1/server/"+e.path) {
				t.Errorf("/docs does not tell of %s", e.path)
			}
		}
	})
}
