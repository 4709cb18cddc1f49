package httpapi

import "net/http"

// SendAnswer answers with a success, for handlers that are not Endpoints.
func SendAnswer(w http.ResponseWriter, d Dialect, a Answer) {
	w.Header()["X-Request-Id"] = []string{newRequestID()}
	_ = send(w, d, http.StatusOK, encodeAnswer(d, a)) // a caller that has left needs no answer
}

// SendError answers with a failure, under an HTTP status of the caller's choice, for handlers
// that are not Endpoints. What is not meant to be shown is hidden, and is the caller's to log.
func SendError(w http.ResponseWriter, d Dialect, httpStatus int, err error) {
	id := newRequestID()
	w.Header()["X-Request-Id"] = []string{id}
	f, _ := failureOf(d, err, id)
	_ = send(w, d, httpStatus, encodeFailure(d, f)) // a caller that has left needs no answer
}
