package powertalk

import (
	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// codes is the one table from kinds of failure to error codes. The first three digits of a
// code are the envelope's status (docs/protocol.md, "Errors").
var codes = map[chat.Code]string{
	chat.CodeNoHeader:       "40001",
	chat.CodeInvalid:        "40002",
	chat.CodeTokenMissing:   "40101",
	chat.CodeTokenMalformed: "40102",
	chat.CodeTokenInvalid:   "40103",
	chat.CodeTokenExpired:   "40104",
	chat.CodeTokenForeign:   "40105",
	chat.CodeTokenOrphan:    "40106",
	chat.CodeForbidden:      "40301",
	httpapi.CodeNoEndpoint:  "40400",
	chat.CodeNotFound:       "40401",
	httpapi.CodeWrongMethod: "40500",
	chat.CodeConflict:       "40901",
	chat.CodeUnderWay:       "40902",
	chat.CodeTooLarge:       "41301",
	chat.CodeKeyReused:      "42201",
	chat.CodeTooMany:        "42901",
	chat.CodeKeyInvalid:     "49102",
	chat.CodeKeyUnknown:     "49103",
	chat.CodeKeyWrongKind:   "49104",
	chat.CodeKeyRevoked:     "49106",
	chat.CodeInternal:       "50000",
	chat.CodeUnavailable:    "50301",
}

// Code returns a kind's error code, "" if it has none.
func (Dialect) Code(kind chat.Code) string { return codes[kind] }
