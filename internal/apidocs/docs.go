// Package apidocs publishes the OpenAPI document: as JSON for programs and as one
// page of HTML for people. Both are made once, by New. The page needs no other file. All
// of it can be read without its script, which searches, puts the reader's key into the examples, and
// makes calls to the server that the page came from, and to no other.
package apidocs

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Docs is a document that is ready to be served.
type Docs struct {
	json []byte
	page []byte
	csp  string
}

// New reads an OpenAPI document in YAML. It fails if the document does not parse or
// refers to something that it does not hold.
func New(yaml []byte) (*Docs, error) {
	doc, err := parse(yaml)
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	text, err := doc.root.json()
	if err != nil {
		return nil, fmt.Errorf("convert the OpenAPI document: %w", err)
	}
	page, err := doc.page()
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	html, err := render(page)
	if err != nil {
		return nil, fmt.Errorf("render the documentation: %w", err)
	}
	return &Docs{json: []byte(text + "\n"), page: html, csp: policy()}, nil
}

// JSON serves the document as JSON, its keys in the order in which they were written.
func (d *Docs) JSON() http.Handler {
	return serveJSON(d.json)
}

// Collection serves a Postman collection, with the address under which it is asked for as that of the
// server.
func Collection(text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serveJSON(bytes.ReplaceAll(text, []byte(baseURL), []byte(address(r)))).ServeHTTP(w, r)
	})
}

// Page serves the document as a page of HTML, with the address under which it is asked for
// in its commands. Its Content-Security-Policy allows the page's own style and script, told
// by their hashes, and calls to this server, and nothing else.
func (d *Docs) Page() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := bytes.ReplaceAll(d.page, []byte(baseURL), []byte(address(r)))
		serve(page, "text/html; charset=utf-8", d.csp).ServeHTTP(w, r)
	})
}

// policy names the inline style and script by hash, so that nothing that might find its
// way into the page could run.
func policy() string {
	return strings.Join([]string{
		"default-src 'none'",
		"style-src 'sha256-" + digest(style) + "'",
		"script-src 'sha256-" + digest(script) + "'",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func serveJSON(text []byte) http.Handler {
	return serve(text, "application/json", "default-src 'none'; frame-ancestors 'none'")
}

// serve answers with body, or with 304 to a browser that has it. The zero time keeps
// Last-Modified out: the content's hash alone says whether it changed.
func serve(body []byte, contentType, csp string) http.Handler {
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // ask again each time: an update must show at once
		h.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}
