package httpapi

import (
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

const (
	envelopeOK   = `{"status":200,"error":{"code":"","message":"","field":""},"data":`
	keepCapacity = 256 << 10 // a buffer that has grown beyond this is not kept
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// writeAnswer sends a success. SDKs and backends read a body only under HTTP 200, so
// that is the status line of every envelope, failures included.
func writeAnswer(w http.ResponseWriter, a Answer) error {
	return write(w, http.StatusOK, func(b []byte) []byte {
		return append(a.AppendJSON(append(b, envelopeOK...)), '}')
	})
}

func writeFailure(w http.ResponseWriter, httpStatus int, f failure, field string) error {
	return write(w, httpStatus, func(b []byte) []byte {
		b = append(b, `{"status":`...)
		b = append(b, f.code[:3]...)
		b = append(b, `,"error":{"code":"`...)
		b = append(b, f.code...)
		b = append(b, `","message":`...)
		b, _ = jsontext.AppendQuote(b, f.message) // invalid UTF-8 becomes U+FFFD
		b = append(b, `,"field":`...)
		b, _ = jsontext.AppendQuote(b, field)
		return append(b, `},"data":{}}`...)
	})
}

func write(w http.ResponseWriter, httpStatus int, fill func([]byte) []byte) error {
	kept := buffers.Get().(*[]byte)
	b := fill((*kept)[:0])
	h := w.Header()
	h["Content-Type"] = contentTypeJSON
	h["Content-Length"] = []string{strconv.Itoa(len(b))}
	w.WriteHeader(httpStatus)
	_, err := w.Write(b)
	if cap(b) <= keepCapacity {
		*kept = b
		buffers.Put(kept)
	}
	return err
}

var contentTypeJSON = []string{"application/json; charset=utf-8"}
