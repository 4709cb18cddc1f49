package chat

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is. Edges map it to their own numbers.
type Code string

// The failures a caller may see. Whatever is not an *Error is CodeInternal.
const (
	CodeInternal       Code = "internal"
	CodeNoHeader       Code = "no_header"       // a required request header is absent
	CodeInvalid        Code = "invalid"         // a parameter is missing or wrong; Error.Param names it
	CodeForbidden      Code = "forbidden"       // the caller may not do this
	CodeNotFound       Code = "not_found"       // no such room or user, as far as the caller may know
	CodeConflict       Code = "conflict"        // somebody else already has what is asked for
	CodeUnderWay       Code = "under_way"       // the same call is still under way
	CodeKeyReused      Code = "key_reused"      // an Idempotency-Key that stands for another call
	CodeTooLarge       Code = "too_large"       // the request body is over the limit
	CodeTooMany        Code = "too_many"        // too many requests
	CodeTokenMissing   Code = "token_missing"   // no Authorization header
	CodeTokenMalformed Code = "token_malformed" // an Authorization header of another form
	CodeTokenInvalid   Code = "token_invalid"   // unknown, used up or revoked
	CodeTokenExpired   Code = "token_expired"   // was valid once: refresh it
	CodeTokenForeign   Code = "token_foreign"   // another App's token
	CodeTokenOrphan    Code = "token_orphan"    // its user is gone
	CodeKeyInvalid     Code = "key_invalid"     // the key is unreadable or its secret is wrong
	CodeKeyUnknown     Code = "key_unknown"     // there is no key of that id
	CodeKeyWrongKind   Code = "key_wrong_kind"  // an app key where a server key belongs, or the reverse
	CodeKeyRevoked     Code = "key_revoked"     // the key was valid once
	CodeUnavailable    Code = "unavailable"     // overloaded, shutting down, or the database is away: try again
)

// Error is a failure a caller may see. Message is safe to show; Param, set for
// CodeInvalid, is the JSON name of the parameter at fault, and Absent says that it was not
// given; ID, set for CodeNotFound, is what the caller named and nobody has.
type Error struct {
	Code    Code
	Message string
	Param   string
	Absent  bool
	ID      string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Errorf makes an Error of the given code.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes the error of a wrong parameter: "Param 'name' " and the reason.
func Invalid(param, format string, args ...any) error { return invalid(param, format, args...) }

// Required makes the error of a parameter that is absent, null or empty.
func Required(param string) error { return Absent(param, "is required") }

// Absent is Required with a reason of its own.
func Absent(param, format string, args ...any) error {
	e := invalid(param, format, args...)
	e.Absent = true
	return e
}

func invalid(param, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Param: param, Message: "Param '" + param + "' " + fmt.Sprintf(format, args...)}
}

// RoomNotFound and UserNotFound carry the texts that integrators match on.
func RoomNotFound() error { return Errorf(CodeNotFound, "Room is not found") }

// UserNotFound is the answer for a user that does not exist in the caller's App.
func UserNotFound() error { return Errorf(CodeNotFound, "User is not found") }

// UserIsDeactivated is the answer where a user is to sign in, or something is sent for them, who may not.
func UserIsDeactivated() error { return Errorf(CodeForbidden, "The user is deactivated") }

// FileNotFound is the answer for a file that does not exist in the caller's App, or that the
// caller may not have: nobody learns which ids are taken.
func FileNotFound() error { return Errorf(CodeNotFound, "File is not found") }

// Missing adds to an error that something was not found under which id. Whatever else err
// is, and one that names an id already, it returns as it is.
func Missing(err error, id string) error {
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeNotFound || e.ID != "" {
		return err
	}
	named := *e
	named.ID = id
	return &named
}

// CodeOf returns the code of err: "" for nil, CodeInternal for what is not an *Error.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
