package s3test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
)

// Fault says what a Proxy does to a request; nil hands it on.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// Proxy stands before a Server and spoils what a test says.
type Proxy struct {
	URL   string
	fault atomic.Pointer[Fault]
	asked atomic.Int64
}

// NewProxy starts a proxy for one test.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	target, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	next := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // which is signed
	}}
	p := &Proxy{}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if fault := p.fault.Load(); fault != nil {
			(*fault)(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p.URL = front.URL
	return p
}

// Fail spoils all requests from now on, until Recover.
func (p *Proxy) Fail(f Fault) { p.fault.Store(&f) }

// Recover hands requests on again.
func (p *Proxy) Recover() { p.fault.Store(nil) }

// Asked is how many requests have come.
func (p *Proxy) Asked() int64 { return p.asked.Load() }

// Busy answers as a store does that has too much to do.
func Busy(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`))
}

// Forbid answers as a store does whose key may not.
func Forbid(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>`))
}

// Hang takes the request and answers nothing until the caller gives up.
func Hang(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = io.Copy(io.Discard, r.Body) // while there is some, it is not seen that the caller has gone
	<-r.Context().Done()
}

// Short ends every content after half of it, whatever it has announced.
func Short(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if half(w, r, next) {
		panic(http.ErrAbortHandler)
	}
}

// Stall sends half of every content and then nothing, until the caller gives up.
func Stall(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if half(w, r, next) {
		<-r.Context().Done()
	}
}

// half sends half of a content, and reports whether it was one.
func half(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
	if r.Method != http.MethodGet {
		next.ServeHTTP(w, r)
		return false
	}
	whole := answer(w, r, next)
	w.WriteHeader(whole.Code)
	_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	return true
}

// Whole says of a part of a content that it is all of it.
func Whole(w http.ResponseWriter, r *http.Request, next http.Handler) {
	whole := answer(w, r, next)
	w.Header().Del("Content-Range")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(whole.Body.Bytes())
}

// answer is what the store answers, with its headers in w.
func answer(w http.ResponseWriter, r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	whole := httptest.NewRecorder()
	next.ServeHTTP(whole, r)
	for name, values := range whole.Header() {
		w.Header()[name] = values
	}
	return whole
}
