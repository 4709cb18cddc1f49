package apidocs

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"parlor/api"
)

func pageText(t *testing.T) (text, csp string) {
	t.Helper()
	res := get(newDocs(t).Page())
	return res.Body.String(), res.Header().Get("Content-Security-Policy")
}

func TestPageTellsEveryRoute(t *testing.T) {
	var doc struct {
		Paths map[string]struct {
			Get, Post struct {
				OperationID string `yaml:"operationId"`
				Summary     string
			}
		}
	}
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil || len(doc.Paths) == 0 {
		t.Fatalf("%d paths, %v", len(doc.Paths), err)
	}
	page, _ := pageText(t)
	for path, item := range doc.Paths {
		op := item.Post
		if op.OperationID == "" {
			op = item.Get
		}
		if !strings.Contains(page, "http://example.com"+path+" ") && !strings.Contains(page, "http://example.com"+path+"</code>") {
			t.Errorf("there is no curl command for %s", path)
		}
		if !strings.Contains(page, `id="`+op.OperationID+`"`) {
			t.Errorf("%s has no section", path)
		}
		if !strings.Contains(page, html.EscapeString(op.Summary)) {
			t.Errorf("%s has no title", path)
		}
	}
}

// TestPageStandsAlone: a server may be out of everybody's reach, and a page with a key in
// it must not talk to anybody.
func TestPageStandsAlone(t *testing.T) {
	page, _ := pageText(t)
	for _, m := range regexp.MustCompile(`\s(src|href|srcset|data|action|poster)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if target := m[2]; !strings.HasPrefix(target, "#") && target != "/openapi.json" && target != "/postman_collection.json" {
			t.Errorf("%s=%q leaves the page", m[1], target)
		}
	}
	for _, word := range []string{"<link", "<img", "<iframe", "<object", "<base", "http-equiv"} {
		if strings.Contains(page, word) {
			t.Errorf("the page has a %s", word)
		}
	}
	for _, word := range []string{"@import", "url(", "expression("} {
		if strings.Contains(style, word) {
			t.Errorf("the style has %s", word)
		}
	}
	for _, word := range []string{
		"import", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "http:", "https:",
		"Storage", "indexedDB", "cookie", "history", "innerHTML", "eval",
	} {
		if strings.Contains(script, word) {
			t.Errorf("the script has %s", word)
		}
	}
	// What is tried goes to a path of this server: the page's policy has no other either.
	if n := strings.Count(script, "fetch("); n != 1 || !strings.Contains(script, "fetch(box.dataset.path, {") {
		t.Errorf("the script has %d calls of fetch", n)
	}
	for _, m := range regexp.MustCompile(`data-path="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "/v1/") {
			t.Errorf("a call is tried at %s", m[1])
		}
	}
}

// TestCatalogue holds the catalogue of events against their types.
func TestCatalogue(t *testing.T) {
	doc, err := parse(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	p, err := doc.page()
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, e := range p.Events {
		got = append(got, e.Type)
		if e.About == "" || len(e.Fields) == 0 || !strings.Contains(string(e.JSON), "&#34;"+e.Type+"&#34;") {
			t.Errorf("of %s the catalogue says %+v", e.Type, e)
		}
	}
	for item := range doc.root.get("components", "schemas", "EventType", "enum").items() {
		want = append(want, item.text())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the catalogue has %v, want %v", got, want)
	}
}

func TestCodes(t *testing.T) {
	page, _ := pageText(t)
	for _, want := range []string{
		`<figure class="code" data-language="Go">`,
		`err = backend.Call(ctx, &#34;room/data/set&#34;, map[string]any{`,
		`await parlor.rooms.setData({`,
		`await parlor.webhooks.list();`,
		`err = backend.Call(ctx, &#34;webhook/list&#34;, nil, &amp;data)`,
		`key: &#34;<span data-fill="server" data-quoting="text">ID:SECRET</span>&#34;`,
		`printf %s &#39;<span data-fill="server" data-quoting="shell">ID:SECRET</span>&#39;`,
		`printf %s &#39;<span data-fill="app" data-quoting="shell">ID:SECRET</span>&#39;`,
		`Bearer <span data-fill="token" data-quoting="shell">TOKEN</span>`,
		`data-path="/v1/server/room/get" data-keys="server" hidden>`,
		`data-path="/v1/client/room/get" data-keys="app token" hidden>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, `data-path="/v1/chat/file/upload"`) {
		t.Error("a form with a file cannot be tried")
	}
}

// TestSearch looks for what readers look for, as the page's script does: each word is a part of an entry's words.
func TestSearch(t *testing.T) {
	page, _ := pageText(t)
	entries := regexp.MustCompile(`<li[^>]* data-words="([^"]*)"[^>]*><a href="#([^"]*)">`).FindAllStringSubmatch(page, -1)
	find := func(search string) (found []string) {
		for _, entry := range entries {
			fits := true
			for word := range strings.FieldsSeq(search) {
				fits = fits && strings.Contains(entry[1], word)
			}
			if fits {
				found = append(found, entry[2])
			}
		}
		return found
	}
	for search, want := range map[string]string{
		"idempotency":     "repeating-a-call",
		"retry":           "repeating-a-call",
		"ratelimit":       "rates",
		"rate limit":      "rates",
		"limit rate":      "rates",
		"signature":       "verifying-calls",
		"strict":          "parameters",
		"42901":           "error-42901",
		"40301":           "requestAuthTicket",
		"unread count":    "getUnread",
		"rooms many":      "createOrUpdateRooms",
		"message.created": "event-message.created",
	} {
		if got := find(search); !slices.Contains(got, want) || len(got) > 80 {
			t.Errorf("%q finds %q, want %s", search, got, want)
		}
	}
	if got := find("room freeze"); !slices.Equal(got, []string{"freezeRoom", "unfreezeRoom"}) {
		t.Errorf("two words find %q", got)
	}
}

func TestHeadersOfAnEndpoint(t *testing.T) {
	page, _ := pageText(t)
	section := func(id string) string {
		_, after, _ := strings.Cut(page, `<article class="operation" id="`+id+`">`)
		text, _, _ := strings.Cut(after, "</article>")
		return text
	}
	for id, want := range map[string][]string{
		"freezeRoom": {`<a href="#repeating-a-call"><code class="name">Idempotency-Key</code>`, `<code class="name">Parlor-Strict</code>`},
		"getRoom":    {`<a href="#parameters"><code class="name">Parlor-Strict</code>`},
	} {
		for _, header := range want {
			if !strings.Contains(section(id), header) {
				t.Errorf("%s lacks %s", id, header)
			}
		}
	}
	if strings.Contains(section("getRoom"), "Idempotency-Key</code>") {
		t.Error("a call that only reads needs no Idempotency-Key")
	}
}

// TestPolicyFitsPage holds the hashes against what a browser will hash.
func TestPolicyFitsPage(t *testing.T) {
	page, csp := pageText(t)
	for _, tag := range []string{"style", "script"} {
		found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
		if len(found) != 1 {
			t.Fatalf("the page has %d elements %s, want 1", len(found), tag)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		if want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %q", csp, want)
		}
	}
	if m := regexp.MustCompile(`<[^>]*\s(style|on[a-z]+)=`).FindString(page); m != "" {
		t.Errorf("the policy forbids %s", m)
	}
}

func TestAnchors(t *testing.T) {
	page, _ := pageText(t)
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] || m[1] == "" {
			t.Errorf("id %q is there twice, or empty", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !ids[m[1]] {
			t.Errorf("#%s leads nowhere", m[1])
		}
	}
}

func TestPageOfAnEndpoint(t *testing.T) {
	doc, err := parse(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	p, err := doc.page()
	if err != nil {
		t.Fatal(err)
	}
	var op operation
	for _, g := range p.Groups {
		for _, o := range g.Operations {
			if o.ID == "syncContacts" {
				op = o
			}
		}
	}
	want := []field{
		{Name: "contacts", Type: "object[]", Limits: "1 to 10000 entries", Number: "101", Required: true},
		{Name: "contacts[].ownerXCUserID", Type: "string", Limits: "1 to 50 characters", Number: "102", Required: true},
		{Name: "contacts[].contactXCUserID", Type: "string", Limits: "1 to 50 characters", Number: "103", Required: true},
		{Name: "contacts[].isDeleted", Type: "boolean", Limits: "true or false, default false", Number: "104"},
	}
	if len(op.Params) != len(want) {
		t.Fatalf("%d parameters, want %d", len(op.Params), len(want))
	}
	for i, got := range op.Params {
		got.About = ""
		if got != want[i] {
			t.Errorf("parameter %+v, want %+v", got, want[i])
		}
	}
	if len(op.Failures) != 1 || op.Failures[0].Code != "40002" || op.Failures[0].Field != "101" {
		t.Errorf("own failures %+v", op.Failures)
	}
	if len(op.Common) != 9 || len(p.Common) != 9 {
		t.Errorf("%d and %d common failures, want 9", len(op.Common), len(p.Common))
	}
	if len(op.Data) != 2 || len(op.Answers) != 1 || len(op.Requests) != 1 {
		t.Errorf("%d keys of data, %d answers, %d requests", len(op.Data), len(op.Answers), len(op.Requests))
	}
}

// TestPageShowsItsAddress: commands of the page can be pasted as they are, wherever the
// server is. What a stranger writes into a header never gets into the page.
func TestPageShowsItsAddress(t *testing.T) {
	docs := newDocs(t)
	tests := []struct{ host, proto, want string }{
		{"127.0.0.1:8080", "", "http://127.0.0.1:8080"},
		{"chat.example.com:9000", "", "http://chat.example.com:9000"},
		{"chat.example.com", "https", "https://chat.example.com"},
		{"[::1]:8080", "", "http://[::1]:8080"},
		{"chat.example.com", "javascript", "http://chat.example.com"},
		{`x"><script>alert(1)</script>`, "", baseURL},
		{"$(rm -rf .)", "", baseURL},
		{"x;id", "", baseURL},
		{"", "", baseURL},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(http.MethodGet, "/docs", nil)
		r.Host = tt.host
		r.Header.Set("X-Forwarded-Proto", tt.proto)
		w := httptest.NewRecorder()
		docs.Page().ServeHTTP(w, r)
		text := w.Body.String()
		if !strings.Contains(text, "curl "+tt.want+"/v1/server/room/get ") || tt.want != baseURL && strings.Contains(text, baseURL) {
			t.Errorf("%q, %q: the page does not show %s", tt.host, tt.proto, tt.want)
		}
		if tt.want == baseURL && tt.host != "" && tt.host != "127.0.0.1:8080" && strings.Contains(text, tt.host) {
			t.Errorf("the page repeats %q", tt.host)
		}
	}
}
