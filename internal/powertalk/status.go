package powertalk

import (
	"net/http"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// sdkAreas are the beginnings of the paths that SDKs call.
var sdkAreas = [...]string{"/client/", "/chat/", "/auth/"}

// FailureStatus is 200 for every call that failed: SDKs and backends read an envelope only
// under that. A call of an SDK that Parlor does not have gets it, too, since otherwise the SDK
// would not return to its app, which would wait forever.
func (d Dialect) FailureStatus(path string, kind chat.Code) int {
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
