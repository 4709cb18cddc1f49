// Package httpapi is what every HTTP edge shares: the reading of bodies and parameters, shares
// and limits, what became of an answer, panics, request ids and the log line. An edge brings a
// list of Endpoints and the Dialect in which they are answered; API serves them.
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
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
)

const (
	// requestTimeout bounds the work of one call. Reading its body and sending its answer are
	// bounded by the server's timeouts.
	requestTimeout = 20 * time.Second
	// admitTimeout bounds what comes before the work, but for reading the body: finding out who calls,
	// and waiting for what the caller's other calls occupy.
	admitTimeout = 10 * time.Second
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
	Path string // as Dialect.Route returns it, such as "/server/room/get"
	// Fields holds what parameters are reported as; one that is not in it is reported by its
	// name.
	Fields map[string]string
	// Authenticate finds the caller before the body is read.
	Authenticate func(ctx context.Context, h http.Header) (chat.Caller, error)
	Handle       func(ctx context.Context, c chat.Caller, p *Params) (Answer, error)
	// Await, if set, comes before Handle, for calls that wait until there is something to answer. The
	// caller occupies nothing of what others could use meanwhile. It must end with its context.
	Await func(ctx context.Context, c chat.Caller, p *Params) error
	// HandleHeader, instead of Handle, is for calls whose parameters are headers.
	HandleHeader func(ctx context.Context, c chat.Caller, h http.Header) (Answer, error)
	// HandleContent, instead of Handle, is for calls that are answered with a file.
	HandleContent func(ctx context.Context, c chat.Caller, p *Params) (*Content, error)
	// Upload, instead of Handle, is for calls whose body is a form with a file in it.
	Upload *Upload
	// Once is set for calls of a backend that change something: their callers may give them an
	// Idempotency-Key, and Handle is told where they come from (OriginOf).
	Once Once
	// MayBeStrict says that callers may have unknown parameters refused, by Parlor-Strict or their key.
	MayBeStrict bool
}

// Observer is called for every call that was served, with the path of its endpoint, the error
// code (the Dialect's, "" for success) and how long it took.
type Observer func(path, code string, took time.Duration)

// API serves Endpoints. It never redirects: a redirected POST would lose its body.
type API struct {
	endpoints   map[string]*endpoint
	dialect     Dialect
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

// New returns an API that serves endpoints in a dialect, within what shares gives to their
// callers.
func New(endpoints []Endpoint, d Dialect, shares *budget.Budget, log *slog.Logger, observe Observer) *API {
	a := &API{endpoints: map[string]*endpoint{}, dialect: d, shares: shares, log: log, observe: observe}
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
	e, ok := a.endpoints[a.dialect.Route(r.URL.Path)]
	code, err := "", error(nil)
	var who chat.Caller
	switch {
	case !ok:
		missing := &chat.Error{Code: CodeNoEndpoint, Message: "There is no such endpoint: " + r.URL.Path}
		code, err = a.fail(w, r, id, nil, missing)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		code, err = a.fail(w, r, id, nil, &chat.Error{Code: CodeWrongMethod, Message: "Use POST"})
	default:
		code, err = a.call(w, r, e, id, &who)
	}
	took := time.Since(start)
	if ok {
		a.observe(e.Path, code, took)
	}
	a.logCall(r, id, outcome{who: who, code: code, took: took, writeErr: err})
}

// fail answers a request that failed, and returns the error code that it answered with.
func (a *API) fail(
	w http.ResponseWriter, r *http.Request, id string, fields map[string]string, err error,
) (code string, writeErr error) {
	f, kind := failureOf(a.dialect, err, id)
	if reported, ok := fields[f.Field]; ok {
		f.Field = reported
	}
	return f.Code, send(w, a.dialect, a.dialect.FailureStatus(r, kind), encodeFailure(a.dialect, f))
}

// call runs one endpoint and returns the error code that it answered with. who is set to
// the caller, once that is known.
func (a *API) call(
	w http.ResponseWriter, r *http.Request, e *endpoint, id string, who *chat.Caller,
) (code string, writeErr error) {
	reply, err := a.handle(w, r, e, id, who)
	defer reply.space.Done()
	if err == nil && reply.content != nil {
		err = SendContent(w, r, a.shares, budget.OwnerOf(*who, r.RemoteAddr), reply.content)
		if err == nil {
			return "", nil
		}
	}
	if err == nil && reply.kept != nil {
		if reply.kept.again {
			w.Header()["Idempotent-Replayed"] = again
		}
		reply.space.Is(int64(len(reply.kept.body)))
		return "", sendPaced(w, r, a.dialect, &reply.kept.body)
	}
	if err == nil {
		answer := reply.answer
		tracked, ok := answer.(Tracked)
		if ok {
			defer tracked.Done()
		}
		body := encodeAnswer(a.dialect, answer)
		reply.space.Is(int64(len(*body)))
		err := sendPaced(w, r, a.dialect, body)
		if ok {
			a.sent(w, r, tracked, id)
		}
		return "", err
	}
	a.logRefusal(r, id, *who, e.Endpoint, err)
	a.slowDown(w, r, err)
	return a.fail(w, r, id, e.Fields, err)
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

// slowDown lets callers know when to come back, and which of their shares they were refused for. One who
// is over their share is kept from asking again at once. Callers who were refused together do not come
// back together.
func (a *API) slowDown(w http.ResponseWriter, r *http.Request, err error) {
	code := chat.CodeOf(err)
	if code != chat.CodeTooMany && code != chat.CodeUnavailable && code != chat.CodeUnderWay {
		return
	}
	w.Header()["Retry-After"] = retryAfter
	if limit, ok := budget.LimitOf(err); ok {
		w.Header()["Ratelimit-Policy"] = []string{limit.Policy()}
		w.Header()["Ratelimit"] = []string{limit.State()}
		w.Header()["Retry-After"] = []string{strconv.FormatInt(limit.RetryAfter(), 10)}
	}
	if code != chat.CodeTooMany {
		return
	}
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

// reply is what an endpoint has answered: an Answer, a Content, or an answer that is stored.
type reply struct {
	answer  Answer
	content *Content
	kept    *keptAnswer
	space   *budget.Answer // what the answer may take; nil where nothing was taken
}

// handle runs one endpoint.
func (a *API) handle(
	w http.ResponseWriter, r *http.Request, e *endpoint, id string, who *chat.Caller,
) (is reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			a.log.Error("panic", "id", id, "path", e.Path, "panic", p, "stack", string(debug.Stack()))
			err = chat.Errorf(chat.CodeInternal, "panic")
		}
	}()
	ctx, cancel := context.WithTimeout(r.Context(), admitTimeout)
	defer cancel()
	caller, err := a.shares.Identify(a.dialect.Credentials(r.Header), r.RemoteAddr, func() (chat.Caller, error) {
		return e.Authenticate(ctx, r.Header)
	})
	*who = caller
	if err != nil {
		a.drain(w, r)
		return is, err
	}
	in := input{caller: caller, owner: budget.OwnerOf(caller, r.RemoteAddr)}
	if err := a.rate(w, in); err != nil {
		a.drain(w, r)
		return is, err
	}
	defer func() {
		if cerr := in.form.close(); cerr != nil {
			a.log.Warn("what came of an upload could not be removed", "id", id, "error", cerr)
		}
	}()
	if e.Upload != nil {
		in.form, err = a.readForm(w, r, e.Upload, in.owner)
	} else {
		in.body, err = a.readBody(w, r, in.owner)
		defer in.body.done()
	}
	switch {
	case errors.Is(err, errUnread):
		hangUp(w)
		return is, err
	case err != nil:
		in.body.done()
		a.drain(w, r)
		return is, err
	}
	waiting := ctx
	if in.form != nil || in.body.held > 0 {
		fresh, cancelFresh := context.WithTimeout(r.Context(), admitTimeout) // the body may have taken its time
		defer cancelFresh()
		waiting = fresh
	}
	if e.Await != nil {
		if in.params, err = a.await(r, e, in); err != nil {
			return is, err
		}
		fresh, cancelFresh := context.WithTimeout(r.Context(), admitTimeout)
		defer cancelFresh()
		waiting = fresh
	}
	// Only now: a caller who is slow to send delays nobody, not even themselves.
	space, done, err := a.admit(waiting, r, e, in.owner)
	is.space = space
	if err != nil {
		return is, err
	}
	defer done()
	in.id = id
	err = a.serve(r, e, in, &is)
	return is, err
}

// rate counts the call of a caller whose App bounds their calls, and has the answer say how that stands.
func (a *API) rate(w http.ResponseWriter, in input) error {
	perMinute := in.caller.Rate()
	if perMinute == 0 {
		return nil
	}
	l, err := a.shares.Rate(in.owner, perMinute)
	w.Header()["Ratelimit-Policy"] = []string{l.Policy()}
	w.Header()["Ratelimit"] = []string{l.State()}
	return err
}

// input is what has come of a call.
type input struct {
	caller chat.Caller
	owner  budget.Owner
	body   *body   // nil where there is a form
	form   *form   // nil where there is a body
	params *Params // of the body, where they have been read
	id     string  // the request's
}

// awaitTime bounds a wait, with the time that it takes to begin.
const awaitTime = 40 * time.Second

// await runs what an endpoint waits for, and returns the parameters.
func (a *API) await(r *http.Request, e *endpoint, in input) (*Params, error) {
	ctx, cancel := context.WithTimeout(r.Context(), awaitTime)
	defer cancel()
	p, err := a.parse(ctx, in.body)
	if err != nil {
		return nil, err
	}
	if err := e.Await(ctx, in.caller, p); err != nil {
		return nil, p.hint(err)
	}
	if gone(r) {
		return nil, errGone
	}
	return p, nil
}

// serve runs one endpoint for a caller whose turn it is, with all the time that a call may take,
// whatever it has waited for, and puts what it answers into is.
func (a *API) serve(r *http.Request, e *endpoint, in input, is *reply) (err error) {
	limit := requestTimeout
	if in.form != nil {
		limit = storeTime
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	var p *Params
	switch {
	case e.HandleHeader != nil:
		is.answer, err = e.HandleHeader(ctx, in.caller, r.Header)
		a.shares.Guessed(r.RemoteAddr, err)
	case in.form != nil:
		p = in.form.params
		is.answer, err = e.Upload.Handle(ctx, in.caller, p, in.form.file)
	default:
		if p = in.params; p == nil {
			if p, err = a.parse(ctx, in.body); err != nil {
				break
			}
		}
		if e.MayBeStrict {
			if p.strict, err = wantsStrict(r.Header); err != nil {
				break
			}
			p.strict = p.strict || in.caller.Strict // what is set for a key no call of it can switch off
		}
		switch {
		case e.HandleContent != nil:
			is.content, err = e.HandleContent(ctx, in.caller, p)
		case e.Once != nil:
			is.kept, is.answer, err = a.handleOnce(withOrigin(ctx, r.RemoteAddr, in.id), r, e, in, p)
		default:
			is.answer, err = e.Handle(ctx, in.caller, p)
		}
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && chat.CodeOf(err) == chat.CodeInternal:
		return chat.Errorf(chat.CodeUnavailable, "The call took too long; it may or may not have taken effect")
	case p != nil:
		err = p.hint(err)
	}
	return err
}

// admit waits for what an endpoint takes to run: space for its answer and the caller's turn, which
// done passes on.
func (a *API) admit(
	ctx context.Context, r *http.Request, e *endpoint, o budget.Owner,
) (space *budget.Answer, done func(), err error) {
	if space, err = a.shares.Answer(ctx, o, &e.sizes); err != nil {
		return nil, nil, err
	}
	begun := time.Now()
	if done, err = a.shares.Call(ctx, o); err != nil {
		return space, nil, err
	}
	if time.Since(begun) > longWait && gone(r) {
		done()
		return space, nil, errGone
	}
	return space, done, nil
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
