package apidocs

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"parlor/api"
)

func newDocs(t testing.TB) *Docs {
	t.Helper()
	d, err := New(api.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func get(h http.Handler, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestJSONSaysWhatTheYAMLSays(t *testing.T) {
	var want any
	if err := yaml.Unmarshal(api.OpenAPI, &want); err != nil {
		t.Fatal(err)
	}
	// Through JSON, so that numbers have the same Go type on both sides.
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	res := get(newDocs(t).JSON())
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the JSON differs from the YAML")
	}
	if ct := res.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("content type %q", ct)
	}
}

func TestHandlers(t *testing.T) {
	d := newDocs(t)
	for name, h := range map[string]http.Handler{
		"json": d.JSON(), "page": d.Page(), "collection": Collection(api.Postman),
	} {
		res := get(h)
		etag := res.Header().Get("ETag")
		if res.Code != http.StatusOK || etag == "" {
			t.Errorf("%s: status %d, ETag %q", name, res.Code, etag)
		}
		if res := get(h, "If-None-Match", etag); res.Code != http.StatusNotModified {
			t.Errorf("%s, known to the browser: status %d", name, res.Code)
		}
		if csp := res.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") ||
			strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", name, csp)
		}
	}
}

// TestCompressed: whoever takes gzip gets the same text, much smaller, under a tag of its own.
func TestCompressed(t *testing.T) {
	d := newDocs(t)
	for name, h := range map[string]http.Handler{
		"json": d.JSON(), "page": d.Page(), "collection": Collection(api.Postman),
	} {
		plain, small := get(h), get(h, "Accept-Encoding", "br;q=1.0, gzip;q=0.8, *;q=0.1")
		if small.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" {
			t.Fatalf("%s: encodings %q and %q", name, plain.Header().Get("Content-Encoding"), small.Header().Get("Content-Encoding"))
		}
		if n := small.Body.Len(); small.Header().Get("Content-Length") != strconv.Itoa(n) || n > plain.Body.Len()/5 {
			t.Errorf("%s: of %d bytes %d, with Content-Length %q", name, plain.Body.Len(), n, small.Header().Get("Content-Length"))
		}
		r, err := gzip.NewReader(small.Body)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(r); err != nil || string(text) != plain.Body.String() {
			t.Errorf("%s is another text, %v", name, err)
		}
		etag := small.Header().Get("ETag")
		if etag == plain.Header().Get("ETag") || small.Header().Get("Vary") != "Accept-Encoding" || plain.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: a cache takes one form for the other", name)
		}
		again := get(h, "Accept-Encoding", "gzip", "If-None-Match", etag)
		if again.Code != http.StatusNotModified || again.Header().Get("ETag") != etag {
			t.Errorf("%s, known to the browser: status %d, ETag %q", name, again.Code, again.Header().Get("ETag"))
		}
	}
}

func TestTakesGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "GZip": true, "deflate, gzip": true, "x-gzip": true, "*": true, "br": false,
		"gzip;q=0": false, "gzip; q=0.0": false, "gzip;q=0.5": true, "gzip ; q = 1": true, "*;q=0": false,
		"*, gzip;q=0": false, "gzip;q=0, *": false, "*;q=0, gzip": true, "gzip;q=none": false, "identity": false, ",;=": false,
	} {
		if got := takesGzip([]string{accept}); got != want {
			t.Errorf("%q: %v, want %v", accept, got, want)
		}
	}
}

// TestAddressesAreBounded: a caller may say any address, and the server keeps the text of few.
func TestAddressesAreBounded(t *testing.T) {
	a := &addressed{original: []byte("at " + baseURL)}
	for i := range 3 * maxAddresses {
		address := "http://h" + strconv.Itoa(i)
		if got := string(a.under(address).plain); got != "at "+address {
			t.Errorf("%s has the text %q", address, got)
		}
	}
	if len(a.known) != maxAddresses || len(a.order) != maxAddresses || a.known["http://h"+strconv.Itoa(3*maxAddresses-1)] == nil {
		t.Errorf("%d texts are kept, in the order %q", len(a.known), a.order)
	}
}

func TestNewRefuses(t *testing.T) {
	const head = "openapi: 3.1.0\n"
	tests := []struct{ name, yaml, want string }{
		{"nothing", "", "empty"},
		{"no YAML", "a: [", "yaml"},
		{"another version", "openapi: 3.0.3\n", "not OpenAPI 3.1"},
		{"a reference to nothing", head + "x: {$ref: '#/y'}\n", "points at nothing"},
		{"a reference to elsewhere", head + "x: {$ref: 'other.yaml#/y'}\n", "outside the document"},
		{"references in a circle", head + "x: {$ref: '#/y'}\ny: {$ref: '#/x'}\n", "in circles"},
		{"a key twice", head + "x: {a: 1, a: 2}\n", "twice"},
		{"a merge key", head + "x: &x {a: 1}\ny: {<<: *x}\n", "merge keys"},
		{"binary", head + "x: !!binary aGk=\n", "not JSON"},
		{"an unknown tag", head + "paths: {/x: {get: {operationId: a, summary: b, tags: [T]}}}\n", `no tag "T"`},
		{"no summary", head + "paths: {/x: {get: {operationId: a}}}\n", "no summary"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := New([]byte(tt.yaml)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestPrinter(t *testing.T) {
	tests := []struct{ yaml, json string }{
		{"{}", "{}"},
		{"[]", "[]"},
		{"text", `"text"`},
		{`"<&>\n"`, `"<&>\n"`},
		{"2026-01-01", `"2026-01-01"`},
		{"0x10", "16"},
		{"1767225600000", "1767225600000"},
		{"0.5", "0.5"},
		{"null", "null"},
		{"{a: 1, b: [x]}", "{\n  \"a\": 1,\n  \"b\": [\"x\"]\n}"},
		{"{b: 1, a: true}", `{ "b": 1, "a": true }`},
		{"[&a x, *a]", `["x", "x"]`},
	}
	for _, tt := range tests {
		var y yaml.Node
		if err := yaml.Unmarshal([]byte(tt.yaml), &y); err != nil {
			t.Fatal(err)
		}
		got, err := wrap(y.Content[0]).json()
		if err != nil || got != tt.json {
			t.Errorf("%s gives %s, %v, want %s", tt.yaml, got, err, tt.json)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		newDocs(b)
	}
}
