package apidocs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// level of compression: above it each tenth of the size costs as much time as all below.
	level = 5
	// maxAddresses is of how many addresses the texts are kept; a server has one or two.
	maxAddresses = 8
)

// text is what is served under one address.
type text struct {
	plain, small []byte
	etag         string // without quotes
}

func newText(plain []byte) *text {
	var small bytes.Buffer
	w, err := gzip.NewWriterLevel(&small, level)
	if err != nil {
		panic("apidocs: " + err.Error()) // the level is a constant
	}
	_, _ = w.Write(plain) // into memory
	_ = w.Close()
	sum := sha256.Sum256(plain)
	return &text{plain: plain, small: small.Bytes(), etag: hex.EncodeToString(sum[:8])}
}

// addressed is a text that has the address under which it is asked for in the place of [baseURL].
type addressed struct {
	original         []byte
	contentType, csp string

	mu    sync.Mutex
	known map[string]*text
	order []string // of known, the oldest first
}

func (a *addressed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.under(address(r)).serve(w, r, a.contentType, a.csp)
}

// under is the text with an address. One is made at a time: whoever makes up addresses takes one core at most.
func (a *addressed) under(address string) *text {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.known[address]; t != nil {
		return t
	}
	if len(a.order) == maxAddresses {
		delete(a.known, a.order[0])
		a.order = slices.Delete(a.order, 0, 1)
	}
	t := newText(bytes.ReplaceAll(a.original, []byte(baseURL), []byte(address)))
	if a.known == nil {
		a.known = make(map[string]*text)
	}
	a.known[address], a.order = t, append(a.order, address)
	return t
}

// serve answers with the text, compressed for those who take that, or with 304 to a browser that has it. The zero
// time keeps Last-Modified out: the content's hash alone says whether it changed.
func (t *text) serve(w http.ResponseWriter, r *http.Request, contentType, csp string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // ask again each time: an update must show at once
	h.Add("Vary", "Accept-Encoding")
	body, etag := t.plain, t.etag
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		body, etag = t.small, t.etag+"-gzip" // another form has another tag
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip reports whether Accept-Encoding has gzip, by its name or by *, with a weight above 0.
func takesGzip(accept []string) bool {
	others := false
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		coding, parameter, _ := strings.Cut(part, ";")
		_, weight, weighed := strings.Cut(strings.ReplaceAll(parameter, " ", ""), "=")
		q, err := strconv.ParseFloat(weight, 64)
		takes := !weighed || err == nil && q > 0
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return takes
		case "*":
			others = takes
		}
	}
	return others
}
