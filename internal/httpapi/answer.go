package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"sync"
)

// Answer is what a successful call returns.
type Answer interface {
	// AppendJSON appends it, as a JSON object, to b.
	AppendJSON(b []byte) []byte
}

// Tracked is an Answer for which it matters whether it reached the caller.
type Tracked struct {
	Answer
	// Sent is called once the answer has been sent; decide settles at once whether it has arrived.
	Sent func(decide func())
	// Arrived is called once, when it is known whether the answer has arrived.
	Arrived func(ctx context.Context, arrived bool) error
	// Done is called when the call is over, in any case.
	Done func()
}

// keepCapacity is in bytes: a buffer that has grown beyond it is not kept.
const keepCapacity = 2 << 20

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// encodeAnswer writes the body of a success into a buffer from the pool.
func encodeAnswer(d Dialect, a Answer) *[]byte {
	kept := buffers.Get().(*[]byte)
	*kept = d.AppendAnswer((*kept)[:0], a)
	return kept
}

// encodeFailure writes the body of a failure into a buffer from the pool.
func encodeFailure(d Dialect, f Failure) *[]byte {
	kept := buffers.Get().(*[]byte)
	*kept = d.AppendFailure((*kept)[:0], f)
	return kept
}

// send writes an encoded body and gives its buffer back.
func send(w http.ResponseWriter, d Dialect, httpStatus int, body *[]byte) error {
	h := w.Header()
	d.SetHeader(h)
	h["Content-Length"] = []string{strconv.Itoa(len(*body))}
	w.WriteHeader(httpStatus)
	_, err := w.Write(*body)
	giveBack(body)
	return err
}

func giveBack(body *[]byte) {
	if cap(*body) <= keepCapacity {
		buffers.Put(body)
	}
}
