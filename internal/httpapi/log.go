package httpapi

import (
	"log/slog"
	"net/http"
	"time"

	"parlor/internal/chat"
)

// The log names who calls, by App, key id and address, and never what is secret.

// logCall writes one line for a call, at debug.
func (a *API) logCall(r *http.Request, id string, who chat.Caller, code string, took time.Duration, writeErr error) {
	if !a.log.Enabled(r.Context(), slog.LevelDebug) {
		return
	}
	a.log.Debug("request", "id", id, "method", r.Method, "path", r.URL.Path, "code", code, "ms", took.Milliseconds(),
		"app", who.App.Name, "key", who.KeyID, "remote", r.RemoteAddr, "write_error", writeErr)
}

// logRefusal writes what an operator has to know of a call that failed. Of what strangers
// can cause there is one line a second at most.
func (a *API) logRefusal(r *http.Request, id string, who chat.Caller, e Endpoint, err error) {
	switch code := chat.CodeOf(err); {
	case r.Context().Err() != nil: // the caller has left; nobody is wronged
	case code == chat.CodeUnavailable:
		if n, now := a.refusals.count(); now {
			a.log.Warn("requests refused", "count", n, "id", id, "path", e.Path, "error", err)
		}
	case refusedKey(code):
		if n, now := a.keyRefusals.count(); now {
			a.log.Info("key refused", "count", n, "id", id, "path", e.Path, "code", wireCodes[code],
				"app", who.App.Name, "key", who.KeyID, "remote", r.RemoteAddr)
		}
	case wireCodes[code] == "" || code == chat.CodeInternal:
		a.log.Error("request failed", "id", id, "path", e.Path, "error", err)
	}
}

func refusedKey(code chat.Code) bool {
	return code == chat.CodeKeyInvalid || code == chat.CodeKeyUnknown || code == chat.CodeKeyWrongKind || code == chat.CodeKeyRevoked
}
