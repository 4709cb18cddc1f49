// Package httpapi is what every HTTP edge shares: the envelope, the reading of
// parameters, the table of errors, request ids, limits and the log line. An edge
// brings a list of Endpoints; API serves them (docs/protocol.md, "Conventions").
package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
)

const (
	// requestTimeout bounds one call, apart from reading its body and sending its answer,
	// which the server's timeouts bound.
	requestTimeout = 20 * time.Second
	// maxDrain and drainTime bound how much of a refused body is read on.
	maxDrain  = 32 << 20
	drainTime = 5 * time.Second
	// longWait is the wait after which a call checks whether its caller is still there.
	longWait = 10 * time.Millisecond
)

// errGone is the error of a call whose caller has dropped the connection; nobody reads it.
var errGone = chat.Errorf(chat.CodeUnavailable, "The caller is gone")

// Endpoint is one call of an API.
type Endpoint struct {
	Path string // below /v1 and /api/v1, such as "/server/room/get"
	// Fields holds the numbers under which parameters are reported; one that is not in
	// it is reported by its name.
	Fields map[string]string
	// Authenticate finds the caller before the body is read.
	Authenticate func(ctx context.Context, h http.Header) (chat.Caller, error)
	Handle       func(ctx context.Context, c chat.Caller, p *Params) (Answer, error)
	// HandleHeader, instead of Handle, is for calls whose parameters are headers.
	HandleHeader func(ctx context.Context, c chat.Caller, h http.Header) (Answer, error)
}

// Observer is called for every call that was served, with the path of its endpoint, the error
// code ("" for success) and how long it took.
type Observer func(path, code string, took time.Duration)

// API serves Endpoints. It never redirects: a redirected POST would lose its body.
type API struct {
	endpoints   map[string]*endpoint
	shares      *budget.Budget
	log         *slog.Logger
	observe     Observer
	refusals    logLimit
	keyRefusals logLimit
}

// endpoint is an Endpoint and what its answers are like.
type endpoint struct {
	Endpoint
	sizes budget.Sizes
}

// New returns an API that serves endpoints, within what shares gives to their callers.
func New(endpoints []Endpoint, shares *budget.Budget, log *slog.Logger, observe Observer) *API {
	a := &API{endpoints: map[string]*endpoint{}, shares: shares, log: log, observe: observe}
	for _, e := range endpoints {
		a.endpoints[e.Path] = &endpoint{Endpoint: e}
	}
	return a
}

// ServeHTTP serves one call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	id := newRequestID()
	w.Header()["X-Request-Id"] = []string{id}
	e, ok := a.endpoints[route(r.URL.Path)]
	code, err := "", error(nil)
	var who chat.Caller
	switch {
	case !ok:
		f := failure{code: "40400", message: "There is no such endpoint: " + r.URL.Path}
		code, err = f.code, send(w, unknownStatus(r.URL.Path), encodeFailure(f, ""))
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		f := failure{code: "40500", message: "Use POST"}
		code, err = f.code, send(w, http.StatusMethodNotAllowed, encodeFailure(f, ""))
	default:
		code, err = a.call(w, r, e, id, &who)
	}
	took := time.Since(start)
	if ok {
		a.observe(e.Path, code, took)
	}
	a.logCall(r, id, outcome{who: who, code: code, took: took, writeErr: err})
}

// unknownStatus is the HTTP status of the answer for an unknown path. An SDK returns to its app
// only under 200, so a call of an SDK that Parlor does not have must get that: otherwise the
// app would wait forever.
func unknownStatus(path string) int {
	for _, area := range []string{"/client/", "/chat/", "/auth/"} {
		if strings.HasPrefix(route(path), area) {
			return http.StatusOK
		}
	}
	return http.StatusNotFound
}

// call runs one endpoint and returns the error code that it answered with. who is set to
// the caller, once that is known.
func (a *API) call(
	w http.ResponseWriter, r *http.Request, e *endpoint, id string, who *chat.Caller,
) (code string, writeErr error) {
	answer, room, err := a.handle(w, r, e, id, who)
	defer room.Done()
	if err == nil {
		tracked, ok := answer.(Tracked)
		if ok {
			defer tracked.Done()
		}
		envelope := encodeAnswer(answer)
		room.Is(int64(len(*envelope)))
		err := sendPaced(w, r, envelope)
		if ok {
			a.sent(w, r, tracked, id)
		}
		return "", err
	}
	a.logRefusal(r, id, *who, e.Endpoint, err)
	f := failureOf(err, id)
	field := f.param
	if number, ok := e.Fields[f.param]; ok {
		field = number
	}
	a.slowDown(w, r, err)
	return f.code, send(w, http.StatusOK, encodeFailure(f, field))
}

// sent tracks whether an answer that was sent arrives.
func (a *API) sent(w http.ResponseWriter, r *http.Request, tracked Tracked, id string) {
	ctx := context.WithoutCancel(r.Context())
	note := func(arrived bool) {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		if err := tracked.Arrived(ctx, arrived); err != nil {
			a.log.Warn("what was answered could not be noted", "id", id, "error", err)
		}
	}
	if err := http.NewResponseController(w).Flush(); err != nil || r.Context().Err() != nil {
		note(false)
		return
	}
	tracked.Sent(track(r, note))
}

// slowDown keeps a caller who is over their share from asking again at once, and lets
// well-behaved ones know when to. Callers who were refused together do not come back together.
func (a *API) slowDown(w http.ResponseWriter, r *http.Request, err error) {
	if chat.CodeOf(err) != chat.CodeTooMany {
		return
	}
	w.Header()["Retry-After"] = retryAfter
	select {
	case <-time.After(budget.RetryAfter/2 + rand.N(budget.RetryAfter)): // #nosec G404 -- nothing secret about it
	case <-r.Context().Done():
	}
}

var retryAfter = []string{strconv.Itoa(int(budget.RetryAfter / time.Second))}

// drain keeps reading a refused body for a while, so that its sender can read the answer
// instead of finding a broken connection. A sender who asked before sending does not need that.
func (a *API) drain(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 || r.Header.Get("Expect") != "" {
		return
	}
	done, ok := a.shares.Drain(r.RemoteAddr)
	if !ok {
		hangUp(w)
		return
	}
	defer done()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(drainTime)) // if it cannot be set, ReadTimeout applies
	_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
}

// hangUp ends the connection after the answer.
func hangUp(w http.ResponseWriter) { w.Header()["Connection"] = []string{"close"} }

// handle runs one endpoint. room, which may be nil, is what its answer may take.
func (a *API) handle(
	w http.ResponseWriter, r *http.Request, e *endpoint, id string, who *chat.Caller,
) (answer Answer, room *budget.Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("panic", "id", id, "path", e.Path, "panic", p, "stack", string(debug.Stack()))
			err = chat.Errorf(chat.CodeInternal, "panic")
		}
	}()
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	caller, err := a.shares.Identify(r.Header, r.RemoteAddr, func() (chat.Caller, error) {
		return e.Authenticate(ctx, r.Header)
	})
	*who = caller
	if err != nil {
		a.drain(w, r)
		return nil, nil, err
	}
	owner := budget.OwnerOf(caller, r.RemoteAddr)
	body, err := a.readBody(w, r, owner)
	defer body.done()
	switch {
	case errors.Is(err, errUnread):
		hangUp(w)
		return nil, nil, err
	case err != nil:
		body.done()
		a.drain(w, r)
		return nil, nil, err
	}
	if body.held == 0 {
		return a.serve(ctx, r, e, caller, body)
	}
	fresh, cancelFresh := context.WithTimeout(r.Context(), requestTimeout) // the body may have taken its time
	defer cancelFresh()
	return a.serve(fresh, r, e, caller, body)
}

// serve runs one endpoint for a caller whose body has been read.
func (a *API) serve(
	ctx context.Context, r *http.Request, e *endpoint, caller chat.Caller, body *body,
) (answer Answer, room *budget.Answer, err error) {
	owner := body.owner
	// Only now: a caller who is slow to send delays nobody, not even themselves.
	if room, err = a.shares.Answer(ctx, owner, &e.sizes); err != nil {
		return nil, nil, err
	}
	begun := time.Now()
	done, err := a.shares.Call(ctx, owner)
	if err != nil {
		return nil, room, err
	}
	defer done()
	if time.Since(begun) > longWait && gone(r) {
		return nil, room, errGone
	}
	if e.HandleHeader != nil {
		answer, err = e.HandleHeader(ctx, caller, r.Header)
		a.shares.Guessed(r.RemoteAddr, err)
	} else {
		var p *Params
		if p, err = a.parse(ctx, body); err == nil {
			answer, err = e.Handle(ctx, caller, p)
			err = p.hint(err)
		}
	}
	switch {
	case err == nil:
		return answer, room, nil
	case ctx.Err() != nil && chat.CodeOf(err) == chat.CodeInternal:
		return nil, room, chat.Errorf(chat.CodeUnavailable, "The call took too long; it may or may not have taken effect")
	}
	return nil, room, err
}

// parse reads a body's parameters. Large bodies have places of their own for that: callers who
// send many of them leave the processors free for others.
func (a *API) parse(ctx context.Context, b *body) (*Params, error) {
	if len(b.bytes) > budget.LargeInput {
		done, err := a.shares.Parse(ctx, b.owner)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	return ParseParams(b.bytes), nil
}

// route turns a request's path into an Endpoint's. Base URLs come with and without
// /api, and with a slash at their end, which makes two.
func route(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	path = strings.TrimPrefix(path, "/api")
	below, ok := strings.CutPrefix(path, "/v1/")
	if !ok {
		return ""
	}
	return path[len(path)-len(below)-1:]
}
