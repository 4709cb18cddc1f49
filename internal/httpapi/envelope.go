package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Answer is the data object of a successful call.
type Answer interface {
	// AppendJSON appends the object to b.
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

const (
	envelopeOK   = `{"status":200,"error":{"code":"","message":"","field":""},"data":`
	keepCapacity = 2 << 20 // a buffer that has grown beyond this is not kept
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// encodeAnswer writes a success into a buffer from the pool.
func encodeAnswer(a Answer) *[]byte {
	kept := buffers.Get().(*[]byte)
	*kept = append(a.AppendJSON(append((*kept)[:0], envelopeOK...)), '}')
	return kept
}

func encodeFailure(f failure, field string) *[]byte {
	kept := buffers.Get().(*[]byte)
	b := append((*kept)[:0], `{"status":`...)
	b = append(b, f.code[:3]...)
	b = append(b, `,"error":{"code":"`...)
	b = append(b, f.code...)
	b = append(b, `","message":`...)
	b, _ = jsontext.AppendQuote(b, f.message) // invalid UTF-8 becomes U+FFFD
	b = append(b, `,"field":`...)
	b, _ = jsontext.AppendQuote(b, field)
	if f.missing != "" {
		b = append(b, `,"notFound":`...)
		b, _ = jsontext.AppendQuote(b, f.missing)
	}
	*kept = append(b, `},"data":{}}`...)
	return kept
}

// send writes an encoded envelope and gives its buffer back. SDKs and backends read a
// body only under HTTP 200, so that is the status line of every call's envelope,
// failures included.
func send(w http.ResponseWriter, httpStatus int, envelope *[]byte) error {
	h := w.Header()
	h["Content-Type"] = contentTypeJSON
	h["Content-Length"] = []string{strconv.Itoa(len(*envelope))}
	w.WriteHeader(httpStatus)
	_, err := w.Write(*envelope)
	giveBack(envelope)
	return err
}

func giveBack(envelope *[]byte) {
	if cap(*envelope) <= keepCapacity {
		buffers.Put(envelope)
	}
}

// contentTypeJSON has no parameters: the web SDK takes an answer with any other type for a
// file's content and stores it as such. JSON is UTF-8 anyway.
var contentTypeJSON = []string{"application/json"}
