package apidocs

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
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
