// Package file keeps the content of files that were uploaded. What they are, whose, and who
// may have them, the database says; here they are bytes under a key. Content never changes: a
// key is written once, and removed once.
//
// Content comes from its sender into a Spool, a file of this machine that does not survive a
// crash, and from there into Objects, where it lasts.
package file

import (
	"context"
	"errors"
	"io"
	"time"
)

// ErrNotFound says that there is nothing under a key.
var ErrNotFound = errors.New("there is no such object")

// Content is what was found under a key.
type Content interface {
	io.ReadSeekCloser
	// Size is in bytes.
	Size() int64
}

// Object is one that a list names.
type Object struct {
	Key    string
	Stored time.Time // when it came, or later
}

// Objects is where content lasts. Its methods are called by many goroutines at once. Keys are made
// of a to z, 0 to 9 and the hyphen, and have at least two characters.
type Objects interface {
	// Put stores what is in s. When it returns nil, the content survives a crash; when it fails,
	// there is nothing under the key, or something whole that nobody asks for. s may be empty
	// afterwards.
	Put(ctx context.Context, key string, s *Spool) error
	// Open finds content, or ErrNotFound.
	Open(ctx context.Context, key string) (Content, error)
	// Delete removes content. It is no error where there is none.
	Delete(ctx context.Context, key string) error
	// List calls each for every object until that fails, in no particular order.
	List(ctx context.Context, each func(Object) error) error
}

// Place is Objects of a single database, with a mark that says which.
type Place interface {
	Objects
	// Mark reads whose content the place has, "" where nobody has said so.
	Mark(ctx context.Context) (string, error)
	// SetMark says whose content the place has.
	SetMark(ctx context.Context, id string) error
}
