package httpapi

import (
	"net/http"

	"parlor/internal/chat"
)

// SendOK answers, in the envelope, a call whose only result is that it worked.
func SendOK(w http.ResponseWriter) {
	w.Header()["X-Request-Id"] = []string{newRequestID()}
	_ = send(w, http.StatusOK, encodeAnswer(success{})) // a caller that has left needs no answer
}

// success is the data object of SendOK.
type success struct{}

// AppendJSON appends the object.
func (success) AppendJSON(b []byte) []byte { return append(b, `{"success":true}`...) }

// SendError answers in the envelope, under an HTTP status of the caller's choice, for
// handlers that are not Endpoints.
func SendError(w http.ResponseWriter, httpStatus int, err error) {
	id := newRequestID()
	w.Header()["X-Request-Id"] = []string{id}
	f := failureOf(err, id)
	if chat.CodeOf(err) == chat.CodeInvalid && f.param == "" {
		f.code = "40500" // without a parameter, only the method can be wrong
	}
	_ = send(w, httpStatus, encodeFailure(f, f.param)) // a caller that has left needs no answer
}
