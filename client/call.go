package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// call is one request, which may take several attempts.
type call struct {
	path   string // below /v1
	in     any    // the parameters
	header http.Header
	// once is for what does harm, or fails, when it is done twice.
	once     bool
	attempts int // 0 means the endpoint's
}

// do makes a call and decodes the answer's data into out, unless out is nil.
func (e *endpoint) do(ctx context.Context, c call, out any) error {
	body := []byte("{}")
	if c.in != nil {
		var err error
		if body, err = json.Marshal(c.in); err != nil {
			return fmt.Errorf("client: %s: %w", c.path, err)
		}
	}
	p := patience{attempts: cmp.Or(c.attempts, e.attempts), end: time.Now().Add(maxPatience)}
	if end, ok := ctx.Deadline(); ok {
		p.end = end
	}
	for {
		err := e.try(ctx, c, body, out)
		if err == nil {
			return nil
		}
		pause, again := p.after(err)
		if !again || !repeatable(err, c.once) {
			return fmt.Errorf("%s: %w", c.path, err)
		}
		if !sleep(ctx, pause) {
			return fmt.Errorf("%s: %w after %w", c.path, context.Cause(ctx), err)
		}
	}
}

// try makes one attempt.
func (e *endpoint) try(ctx context.Context, c call, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.base+"/v1/"+c.path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range c.header {
		req.Header[name] = values
	}
	req.Header.Set(e.keyHeader, e.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := e.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, e.maxAnswer+1))
	if err != nil {
		return err
	}
	if int64(len(text)) > e.maxAnswer {
		return fmt.Errorf("%w: it has more than %d bytes", ErrAnswer, e.maxAnswer)
	}
	return openEnvelope(resp, text, out)
}

// openEnvelope reads an answer: its data into out, or its error.
func openEnvelope(resp *http.Response, text []byte, out any) error {
	envelope := struct {
		Status int
		Error  *struct{ Code, Message, Field, NotFound string }
		Data   any
	}{Data: out}
	err := json.Unmarshal(text, &envelope)
	refusal := &Error{
		Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id"), RetryAfter: waitOf(resp.Header),
	}
	switch {
	case envelope.Error != nil && envelope.Error.Code != "":
		refusal.Status, refusal.Code = envelope.Status, Code(envelope.Error.Code)
		refusal.Message, refusal.Param = envelope.Error.Message, envelope.Error.Field
		refusal.NotFound = envelope.Error.NotFound
		return refusal
	case resp.StatusCode != http.StatusOK:
		refusal.Message = "this is no answer of Parlor's"
		return refusal
	case err != nil:
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	case envelope.Error == nil || envelope.Status != http.StatusOK:
		return fmt.Errorf("%w: it is no envelope", ErrAnswer)
	}
	return nil
}

// waitOf reads Retry-After, of which servers and proxies use the form in seconds.
func waitOf(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, 60)) * time.Second
}

// retryAfter is how long to wait because the server has asked for it, and by chance up to as much again, since it
// asks all callers for the same.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter + rand.N(e.RetryAfter+1) //nolint:gosec // G404: nobody gains by guessing it
	}
	return 0
}

// repeatable reports whether a call that has failed with err may be made again. once forbids it
// where the first attempt may have done something.
func repeatable(err error, once bool) bool {
	e, answered := errors.AsType[*Error](err)
	switch {
	case errors.Is(err, ErrAnswer):
		return false
	case !answered: // the network
		return !once
	case e.Code == CodeTooMany || e.Code == "" && e.Status == http.StatusTooManyRequests:
		return true // nothing was done
	case e.Code == CodeUnderWay:
		return true // the answer is still to come
	case e.Code == CodeUnavailable || e.Code == CodeInternal:
		return !once
	case e.Code == "" && e.Status >= http.StatusBadGateway && e.Status <= http.StatusGatewayTimeout:
		return !once
	}
	return false
}

// maxPatience is how long a call is repeated that was CodeTooMany and whose context has no deadline.
const maxPatience = 2 * time.Minute

// patience is what is left of a call's.
type patience struct {
	attempts          int // beside those that were CodeTooMany
	end               time.Time
	failures, refused int // so far
}

// after returns the pause after a failure, and whether the call may be made again behind it. Refusals for want of a
// share are no failures: callers take turns, and whose turn is late must not lose the call.
func (p *patience) after(err error) (pause time.Duration, again bool) {
	if CodeOf(err) == CodeTooMany {
		p.refused++
		pause = max(pauseAfter(min(p.refused, 4)), retryAfter(err))
		return pause, p.attempts > 1 && time.Now().Add(pause).Before(p.end)
	}
	p.failures++
	return max(pauseAfter(p.failures), retryAfter(err)), p.failures < p.attempts
}

// pauseAfter is how long to wait after so many attempts: 0.1 s, 0.3 s, 0.9 s and so on, with some
// chance in it, so that callers that failed together do not come back together.
func pauseAfter(attempts int) time.Duration {
	pause := 100 * time.Millisecond
	for range min(attempts-1, 5) {
		pause *= 3
	}
	return spread(pause)
}

// spread returns between a half of d and one and a half.
func spread(d time.Duration) time.Duration {
	return d/2 + rand.N(d+1) //nolint:gosec // G404: nobody gains by guessing it
}

// sleep waits for d and reports whether ctx has lasted for as long.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
