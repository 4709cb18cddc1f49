package engine

import "errors"

// What keeps a write from being done, or its outcome from being known. Callers tell them
// apart with errors.Is.
var (
	// ErrQueueFull: so many writes wait that no other is taken. Nothing was done.
	ErrQueueFull = errors.New("too many writes are waiting")
	// ErrClosed: the lanes are closed, or are being closed. Nothing was done.
	ErrClosed = errors.New("the lanes are closed")
	// ErrDisplaced: the database's files are no longer where they were opened. Nothing was done.
	ErrDisplaced = errors.New("the database's files were deleted, moved or replaced")
	// ErrUnsure: the connection or the disk was lost in the commit, and nobody knows whether
	// it took place.
	ErrUnsure = errors.New("the commit may or may not have taken place")

	// errTogether marks a failure of works that were sent together, of which it is not known
	// whose fault it was: each is to be run again by itself.
	errTogether = errors.New("sent together")
)
