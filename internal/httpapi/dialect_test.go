package httpapi_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// plain is a dialect as simple as can be: kinds of failure go by their own names, and every
// failed call is a bad request.
type plain struct{}

var known = []chat.Code{
	chat.CodeInvalid, chat.CodeTooLarge, chat.CodeTooMany, chat.CodeTokenInvalid, chat.CodeNotFound,
	chat.CodeInternal, chat.CodeUnavailable, httpapi.CodeNoEndpoint, httpapi.CodeWrongMethod,
}

func (plain) Route(path string) string { return strings.TrimPrefix(path, "/here") }

func (plain) Credentials(h http.Header) budget.Credentials { return budget.Credentials{h.Get("User")} }

func (plain) Code(kind chat.Code) string {
	if !slices.Contains(known, kind) {
		return ""
	}
	return string(kind)
}

func (plain) FailureStatus(r *http.Request, kind chat.Code) int {
	switch {
	case kind == httpapi.CodeNoEndpoint && r.URL.Path == "/teapot":
		return http.StatusTeapot
	case kind == httpapi.CodeNoEndpoint:
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

func (plain) SetHeader(h http.Header) { h.Set("Content-Type", "text/plain") }

func (plain) AppendAnswer(b []byte, a httpapi.Answer) []byte {
	return append(a.AppendJSON(append(b, `{"data":`...)), '}')
}

func (plain) AppendFailure(b []byte, f httpapi.Failure) []byte {
	for _, part := range [][2]string{
		{`{"error":{"code":`, f.Code}, {`,"message":`, f.Message}, {`,"field":`, f.Field}, {`,"missing":`, f.Missing},
	} {
		b = append(b, part[0]...)
		b, _ = jsontext.AppendQuote(b, part[1])
	}
	return append(b, "}}"...)
}
