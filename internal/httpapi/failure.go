package httpapi

import (
	"errors"

	"parlor/internal/chat"
)

// The failures of requests that are no call. A Dialect has codes for them, too.
const (
	CodeNoEndpoint  chat.Code = "no_endpoint"  // nothing is served under the path
	CodeWrongMethod chat.Code = "wrong_method" // the path is served, and not with this method
)

// Failure is an error as its caller may see it.
type Failure struct {
	Code    string // the Dialect's
	Message string
	Field   string // the parameter at fault, as Endpoint.Fields reports it; "" if it is none
	Missing string // the id that does not exist; "" if that is not the failure
}

// failureOf hides everything that is not meant to be shown. kind is err's own, also then.
func failureOf(d Dialect, err error, requestID string) (f Failure, kind chat.Code) {
	kind = chat.CodeOf(err)
	f.Code = d.Code(kind)
	var shown *chat.Error
	if errors.As(err, &shown) && f.Code != "" && kind != chat.CodeInternal {
		f.Message, f.Field, f.Missing = shown.Message, shown.Param, shown.ID
		return f, kind
	}
	f.Code = d.Code(chat.CodeInternal)
	f.Message = "Something went wrong inside Parlor; its log says more under request " + requestID
	return f, kind
}
