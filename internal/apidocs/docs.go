// Package apidocs publishes the OpenAPI document: as JSON for programs and as one
// page of HTML for people. Both are made once, by New. The page needs no other file. All
// of it can be read without its script, which searches, puts the reader's key into the examples, and
// makes calls to the server that the page came from, and to no other.
package apidocs

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// Docs is a document that is ready to be served.
type Docs struct{ json, page http.Handler }

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
	json := newText([]byte(text + "\n"))
	return &Docs{
		json: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { json.serve(w, r, jsonType, jsonPolicy) }),
		page: &addressed{original: html, contentType: "text/html; charset=utf-8", csp: policy()},
	}, nil
}

// JSON serves the document as JSON, its keys in the order in which they were written.
func (d *Docs) JSON() http.Handler { return d.json }

// Collection serves a Postman collection, with the address under which it is asked for as that of the
// server.
func Collection(collection []byte) http.Handler {
	return &addressed{original: collection, contentType: jsonType, csp: jsonPolicy}
}

// Page serves the document as a page of HTML, with the address under which it is asked for
// in its commands. Its Content-Security-Policy allows the page's own style and script, told
// by their hashes, and calls to this server, and nothing else.
func (d *Docs) Page() http.Handler { return d.page }

const (
	jsonType   = "application/json"
	jsonPolicy = "default-src 'none'; frame-ancestors 'none'"
)

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
