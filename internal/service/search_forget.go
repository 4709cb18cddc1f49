package service

import (
	"context"
	"slices"

	"parlor/internal/chat"
)

// forgetting is how far the index is with an erasure.
type forgetting struct {
	done chan struct{} // closed when nothing of it is left in the index's file
}

// merging is the work that takes what was deleted out of the index's file.
type merging struct {
	for_  []chat.ErasureID // whose messages were out of the index when it began
	begun bool
	clean bool // all is merged; the log is to be folded
}

// forgotten waits until the index has nothing left of messages that were deleted before, for an erasure. On
// PostgreSQL they go with the message, and only what is being put into the index at that moment is waited for by
// nobody: it leaves out what has changed.
func (s *searcher) forgotten(ctx context.Context, id chat.ErasureID) error {
	if s.off != "" || !s.index.Embedded() {
		return nil
	}
	s.mu.Lock()
	w, ok := s.forget[id]
	if !ok {
		w = forgetting{make(chan struct{})}
		s.forget[id] = w
	}
	s.mu.Unlock()
	s.wake()
	select {
	case <-w.done:
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.forget, id)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// words waits until the words of the user's messages are out of the search index.
func (w *eraser) words(ctx context.Context) error { return w.search.forgotten(ctx, w.e.ID) }

// forgettingDue are the erasures that wait, taken before the feeds are read: what they have deleted is read then.
func (f *follower) forgettingDue() (due []chat.ErasureID) {
	f.search.mu.Lock()
	defer f.search.mu.Unlock()
	for id, w := range f.search.forget {
		select {
		case <-w.done:
		default:
			due = append(due, id)
		}
	}
	return due
}

// mergeFor does a step for erasures that wait. more says that there are others to do. The feeds are read to their
// ends before.
func (f *follower) mergeFor(ctx context.Context, due []chat.ErasureID) (more bool, err error) {
	m := &f.merge
	if !m.begun {
		if len(due) == 0 {
			return false, nil
		}
		m.for_, m.begun, m.clean = due, true, false
		_, err := f.search.index.Merge(ctx, true)
		return true, err
	}
	if !m.clean {
		more, err := f.search.index.Merge(ctx, false)
		m.clean = err == nil && !more
		return true, err
	}
	if done, err := f.search.index.Fold(ctx); err != nil || !done {
		return true, err // some search reads what was there before
	}
	f.search.mu.Lock()
	defer f.search.mu.Unlock()
	for id, w := range f.search.forget {
		if slices.Contains(m.for_, id) {
			close(w.done)
			f.search.forget[id] = forgetting{w.done}
		}
	}
	m.begun = false
	return false, nil
}
