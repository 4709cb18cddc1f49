package powertalk

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"parlor/internal/httpapi"
)

// Around every answer is an envelope of the same three keys, around a failure's as well
// (docs/protocol.md, "Conventions"). It is appended by hand: answers of megabytes lie in it.

// envelopeOK is a success's envelope up to its data.
const envelopeOK = `{"status":200,"error":{"code":"","message":"","field":""},"data":`

// AppendAnswer puts a success into its envelope.
func (Dialect) AppendAnswer(b []byte, a httpapi.Answer) []byte {
	return append(a.AppendJSON(append(b, envelopeOK...)), '}')
}

// AppendFailure puts a failure into its envelope, whose status is the code's first three digits.
func (Dialect) AppendFailure(b []byte, f httpapi.Failure) []byte {
	b = append(b, `{"status":`...)
	b = append(b, f.Code[:3]...)
	b = append(b, `,"error":{"code":"`...)
	b = append(b, f.Code...)
	b = append(b, `","message":`...)
	b, _ = jsontext.AppendQuote(b, f.Message) // invalid UTF-8 becomes U+FFFD
	b = append(b, `,"field":`...)
	b, _ = jsontext.AppendQuote(b, f.Field)
	if f.Missing != "" {
		b = append(b, `,"notFound":`...)
		b, _ = jsontext.AppendQuote(b, f.Missing)
	}
	return append(b, `},"data":{}}`...)
}

// contentTypeJSON has no parameters: the web SDK takes an answer with any other type for a
// file's content and stores it as such. JSON is UTF-8 anyway.
var contentTypeJSON = []string{"application/json"}

// SetHeader says that the body is JSON.
func (Dialect) SetHeader(h http.Header) { h["Content-Type"] = contentTypeJSON }
