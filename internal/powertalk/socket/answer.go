package socket

import (
	"net/http"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
)

// success is the data of the answer to somebody who asks whether they could connect.
type success struct{}

// AppendJSON appends the object.
func (success) AppendJSON(b []byte) []byte { return append(b, `{"success":true}`...) }

// sendError answers a request that does not become a socket.
func sendError(w http.ResponseWriter, httpStatus int, err error) {
	httpapi.SendError(w, powertalk.Dialect{}, httpStatus, err)
}

// refuse answers a caller who may not connect, or who is unknown.
func (h *Handler) refuse(w http.ResponseWriter, err error) {
	h.logInternal(err)
	sendError(w, upgradeStatus(err), err)
}

// upgradeStatus is the HTTP status of an upgrade that was refused.
func upgradeStatus(err error) int {
	switch chat.CodeOf(err) {
	case chat.CodeInternal, chat.CodeUnavailable:
		return http.StatusServiceUnavailable
	case chat.CodeTooMany:
		return http.StatusTooManyRequests
	}
	return http.StatusUnauthorized
}

func (h *Handler) logInternal(err error) {
	if chat.CodeOf(err) == chat.CodeInternal {
		h.o.Log.Error("a socket could not be opened", "error", err)
	}
}
