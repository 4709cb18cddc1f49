package store

import (
	"errors"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// explain turns what the engine says of a read into what callers see.
func (s *Store) explain(err error) error {
	return s.unavailable(err, "The database is not available; try again")
}

// answer turns what the lanes say of a write into what callers see. taken is false for one
// that never ran, be it that its caller has left.
func (s *Store) answer(taken bool, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, engine.ErrClosed):
		return chat.Errorf(chat.CodeUnavailable, "Parlor is shutting down; try again")
	case errors.Is(err, engine.ErrQueueFull):
		return chat.Errorf(chat.CodeUnavailable, "Too many writes are waiting, nothing was stored; try again")
	case !taken:
		return err
	case errors.Is(err, engine.ErrUnsure):
		return s.unavailable(err, "The database was lost while it stored this; it may or may not have taken effect")
	}
	return s.unavailable(err, "The database is not available, nothing was stored; try again")
}

// unavailable puts message where an error is the database's and not known to callers yet.
func (s *Store) unavailable(err error, message string) error {
	var known *chat.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, engine.ErrDisplaced):
		message = "The database's files were deleted, moved or replaced while Parlor runs; nothing was stored"
	case !s.eng.Away(err):
		return err
	}
	return fmt.Errorf("%w: %w", chat.Errorf(chat.CodeUnavailable, "%s", message), err)
}

func ignoreNoRows(err error) error {
	if engine.NoRows(err) {
		return nil
	}
	return err
}
