package chat

import "time"

// CallKey names a call that its caller may repeat: see docs/protocol/requests.md, "Repeating a call".
type CallKey struct {
	App     AppID
	Key     string   // the caller's own
	Request [32]byte // the hash of path and body
}

// Limits of calls that are made under a key.
const (
	// MaxCallKey bounds a key, in characters, all of which are ASCII.
	MaxCallKey = 255
	// CallsKept is how long a call and its answer are known by its key.
	CallsKept = 7 * 24 * time.Hour
)

// CallKeyReused is the error of a key that stands for another call.
func CallKeyReused() error {
	return &Error{
		Code: CodeKeyReused, Param: "Idempotency-Key",
		Message: "This Idempotency-Key was used for a call with another path or body",
	}
}

// CallUnderWay is the error of a call that is repeated before it has an answer.
func CallUnderWay() error {
	return &Error{
		Code: CodeUnderWay, Param: "Idempotency-Key",
		Message: "The call with this Idempotency-Key is still under way; try again",
	}
}

// Origin is where a call comes from, as the edge knows it.
type Origin struct {
	Address   string // of the caller, without a port
	RequestID string // the call's, as the log has it
}
