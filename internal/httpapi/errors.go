package httpapi

import (
	"errors"

	"parlor/internal/chat"
)

// wireCodes is the one table from kinds of failure to error codes. The first three
// digits of a code are the envelope's status (docs/protocol.md, "Errors").
var wireCodes = map[chat.Code]string{
	chat.CodeNoHeader:       "40001",
	chat.CodeInvalid:        "40002",
	chat.CodeTokenMissing:   "40101",
	chat.CodeTokenMalformed: "40102",
	chat.CodeTokenInvalid:   "40103",
	chat.CodeTokenExpired:   "40104",
	chat.CodeTokenForeign:   "40105",
	chat.CodeTokenOrphan:    "40106",
	chat.CodeForbidden:      "40301",
	chat.CodeNotFound:       "40401",
	chat.CodeConflict:       "40901",
	chat.CodeTooLarge:       "41301",
	chat.CodeTooMany:        "42901",
	chat.CodeKeyInvalid:     "49102",
	chat.CodeKeyUnknown:     "49103",
	chat.CodeKeyWrongKind:   "49104",
	chat.CodeKeyRevoked:     "49106",
	chat.CodeInternal:       "50000",
	chat.CodeUnavailable:    "50301",
}

// failure is an error as it goes over the wire.
type failure struct {
	code    string
	message string
	param   string
	missing string // the id that does not exist
}

// failureOf hides everything that is not meant to be shown.
func failureOf(err error, requestID string) failure {
	code := chat.CodeOf(err)
	f := failure{code: wireCodes[code]}
	var shown *chat.Error
	if errors.As(err, &shown) && f.code != "" && code != chat.CodeInternal {
		f.message, f.param, f.missing = shown.Message, shown.Param, shown.ID
		return f
	}
	f.code = wireCodes[chat.CodeInternal]
	f.message = "Something went wrong inside Parlor; its log says more under request " + requestID
	return f
}
