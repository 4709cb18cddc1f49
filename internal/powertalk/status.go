package powertalk

import (
	"net/http"
	"strconv"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// sdkAreas are the beginnings of the paths that SDKs call.
var sdkAreas = [...]string{"/client/", "/chat/", "/auth/"}

// FailureStatus is 200 for nearly every call that failed: SDKs and backends read an envelope only
// under that. The mobile SDKs take what comes under it for the file that they have asked for, and
// iOS for an upload that succeeded, without a look at it: they are answered with the error's own. A call of an SDK that Parlor does not have gets it, too, since otherwise the SDK
// would not return to its app, which would wait forever.
func (d Dialect) FailureStatus(r *http.Request, kind chat.Code) int {
	path := r.URL.Path
	if d.readsStatus(r) && kind != httpapi.CodeWrongMethod {
		return realStatus(codes[kind])
	}
	switch kind {
	case httpapi.CodeNoEndpoint:
		for _, area := range sdkAreas {
			if strings.HasPrefix(d.Route(path), area) {
				return http.StatusOK
			}
		}
		return http.StatusNotFound
	case httpapi.CodeWrongMethod:
		return http.StatusMethodNotAllowed
	}
	return http.StatusOK
}

// readsStatus reports whether a call's SDK goes by the HTTP status, and by nothing else.
func (d Dialect) readsStatus(r *http.Request) bool {
	platform := DeviceOf(r.Header).Platform
	switch d.Route(r.URL.Path) {
	case "/chat/file/download":
		return platform == "android" || platform == "ios"
	case "/chat/file/upload", "/client/user/photo/upload", "/client/room/photo/upload":
		return platform == "ios"
	}
	return false
}

// realStatus is the HTTP status of an error code: its first three digits, where those are one.
func realStatus(code string) int {
	status, err := strconv.Atoi(code[:min(3, len(code))])
	switch {
	case err != nil:
		return http.StatusInternalServerError
	case status >= 490 && status < 500: // of keys, and nobody else's
		return http.StatusForbidden
	}
	return status
}
