package httpapi

import (
	"net/http"

	"parlor/internal/budget"
	"parlor/internal/chat"
)

// Dialect is what an API has agreed on with its callers, whatever they call: where calls are
// found, and what their answers look like. Its methods are called by many goroutines at once.
type Dialect interface {
	// Route returns the Path of the Endpoint that a request's path stands for, "" for none.
	Route(path string) string
	// Credentials returns what a request's headers show of its caller.
	Credentials(h http.Header) budget.Credentials
	// Code returns the code by which callers know a kind of failure. "" means that they know none:
	// they are told of chat.CodeInternal instead, which must have one.
	Code(kind chat.Code) string
	// FailureStatus returns the HTTP status under which a failed call is answered, by the request's
	// path and headers and the kind of failure. Successes have 200.
	FailureStatus(r *http.Request, kind chat.Code) int
	// SetHeader sets the headers that say what an answer's body is.
	SetHeader(h http.Header)
	// AppendAnswer appends the body of a success to b.
	AppendAnswer(b []byte, a Answer) []byte
	// AppendFailure appends the body of a failure to b.
	AppendFailure(b []byte, f Failure) []byte
}
