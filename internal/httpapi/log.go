package httpapi

import (
	"log/slog"
	"net/http"
	"time"

	"parlor/internal/chat"
)

// The log names the caller, by App, key id and address, and never anything secret.

// outcome is how a call went.
type outcome struct {
	who      chat.Caller
	code     string // the Dialect's error code, "" for success
	took     time.Duration
	writeErr error // from sending the answer
}

// logCall writes one line for a call, at debug.
func (a *API) logCall(r *http.Request, id string, o outcome) {
	if !a.log.Enabled(r.Context(), slog.LevelDebug) {
		return
	}
	a.log.Debug("request", "id", id, "method", r.Method, "path", r.URL.Path, "code", o.code, "ms", o.took.Milliseconds(),
		"app", o.who.App.Name, "key", o.who.KeyID, "remote", r.RemoteAddr, "write_error", o.writeErr)
}

// logRefusal logs what an operator must know about a call that failed. What strangers can
// cause is logged at most once a second.
func (a *API) logRefusal(r *http.Request, id string, who chat.Caller, e Endpoint, err error) {
	switch code := chat.CodeOf(err); {
	case r.Context().Err() != nil: // the caller has left and does not miss the answer
	case code == chat.CodeUnavailable:
		if n, now := a.refusals.count(); now {
			a.log.Warn("requests refused", "count", n, "id", id, "path", e.Path, "error", err)
		}
	case refusedKey(code):
		if n, now := a.keyRefusals.count(); now {
			a.log.Info("key refused", "count", n, "id", id, "path", e.Path, "code", a.dialect.Code(code),
				"app", who.App.Name, "key", who.KeyID, "remote", r.RemoteAddr)
		}
	case a.dialect.Code(code) == "" || code == chat.CodeInternal:
		a.log.Error("request failed", "id", id, "path", e.Path, "error", err)
	}
}

func refusedKey(code chat.Code) bool {
	switch code {
	case chat.CodeKeyInvalid, chat.CodeKeyUnknown, chat.CodeKeyWrongKind, chat.CodeKeyRevoked:
		return true
	}
	return false
}
