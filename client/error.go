package client

import (
	"errors"
	"fmt"
	"time"
)

// Code is one of the server's error codes. It is part of the API; messages are for people.
type Code string

// The codes that programs tell apart. docs/protocol.md, "Errors", has all of them.
const (
	CodeNoKey        Code = "40001" // the key's header is missing
	CodeInvalid      Code = "40002" // a parameter is missing or wrong: see Error.Param
	CodeBadToken     Code = "40102" // the header is not "Bearer" and a token
	CodeSignedOut    Code = "40103" // the ticket or token is unknown, used up, or its login has ended
	CodeTokenExpired Code = "40104" // refresh it; a Device does so by itself
	CodeWrongApp     Code = "40105" // the token belongs to another app than the key
	CodeUserDeleted  Code = "40106" // the signed-in user was deleted
	CodeForbidden    Code = "40301" // the signed-in user may not do this
	CodeNoSuchCall   Code = "40400" // the server does not know this call
	CodeNotFound     Code = "40401" // no such room, user or message: see Error.NotFound
	CodeLocalIDTaken Code = "40901" // the localID belongs to another sender's message
	CodeConflict     Code = "40901" // or: the events behind a cursor of the feed are no longer kept; or the server has no search
	CodeUnderWay     Code = "40902" // the call of this Idempotency-Key is still under way
	CodeTooLarge     Code = "41301" // the request is too large
	CodeKeyReused    Code = "42201" // the Idempotency-Key was used for another call
	CodeTooMany      Code = "42901" // the caller's share is used up; nothing was done
	CodeBadKey       Code = "49102" // the key is malformed, or its secret is wrong
	CodeUnknownKey   Code = "49103" // there is no key of this id
	CodeWrongKey     Code = "49104" // an app key where a server key is needed, or the reverse
	CodeKeyRevoked   Code = "49106" // the key was revoked
	CodeInternal     Code = "50000" // the server failed; it may or may not have done it
	CodeUnavailable  Code = "50301" // overloaded, stopping, or without its database
)

// Error is a refusal by the server. Find it with errors.As, or its code with [CodeOf].
type Error struct {
	Status     int           // as in HTTP: 404 for 40401
	Code       Code          // "" for what is no answer of Parlor's, such as a proxy's 502
	Message    string        // for developers
	Param      string        // with CodeInvalid: the parameter's number or name
	NotFound   string        // with CodeNotFound: the id that nobody has, if the call named one
	RequestID  string        // names the call in the server's log
	RetryAfter time.Duration // how long the server asks to wait, 0 if it does not say
}

// Error says what the server has answered, and all that is known of it.
func (e *Error) Error() string {
	text := fmt.Sprintf("parlor: %s %s", e.Code, e.Message)
	if e.Code == "" {
		text = fmt.Sprintf("parlor: HTTP status %d: %s", e.Status, e.Message)
	}
	if e.NotFound != "" {
		text += fmt.Sprintf(": %q", e.NotFound)
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// CodeOf returns the code of the refusal in err, "" if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// IsSignedOut reports whether err means that the device has to sign in again, with a new ticket.
func IsSignedOut(err error) bool {
	switch CodeOf(err) {
	case CodeBadToken, CodeSignedOut, CodeUserDeleted:
		return true
	}
	return false
}

var (
	// ErrAnswer is wrapped by the error of a call whose answer cannot be Parlor's: no JSON, or
	// larger than [Config.MaxAnswer]. Whether the server did what was asked is unknown.
	ErrAnswer = errors.New("client: the answer cannot be read")
	// ErrRoomLocked is the error of [Stream.Send] into a room that is locked.
	ErrRoomLocked = errors.New("client: the room is locked")
	// ErrNoEcho is the error of [Stream.Send] and [Stream.Edit] when the server has not shown the
	// message in time. It may have refused it, which it does in silence, or have been away. The
	// same Draft, with the same LocalID, can be sent again: it is stored once.
	ErrNoEcho = errors.New("client: the server has not acknowledged the message")
	// ErrReplaced ends a Stream whose user has opened more sockets than the server allows.
	ErrReplaced = errors.New("client: newer sockets of the user have taken this one's place")
	// ErrClosed is the error of a Stream after Close.
	ErrClosed = errors.New("client: the stream is closed")
)
