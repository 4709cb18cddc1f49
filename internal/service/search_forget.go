package service

import (
	"context"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// forgetting is how far the index is with an erasure.
type forgetting struct {
	done chan struct{} // closed when nothing of it is left in the index's file
}

// merging is the work that takes what was deleted out of the index's file.
type merging struct {
	for_  []chat.ErasureID // whose messages were out of the index when it began
	apps  []chat.AppID     // that are gone, and whose messages were
	begun bool
	clean bool // all is merged; the log is to be folded
}

// forgotten waits until nothing is left in the index's file of messages that were deleted before, for an erasure.
func (s *searcher) forgotten(ctx context.Context, id chat.ErasureID) error {
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
func (w *eraser) words(ctx context.Context) error {
	switch {
	case w.search.off != "":
		return nil
	case w.search.index.Embedded():
		return w.search.forgotten(ctx, w.e.ID)
	}
	return w.followed(ctx)
}

// followed waits until the index has got as far as the events of the App are now. On PostgreSQL words go with the
// message, but what had been read of it before may just be on its way into the index.
func (w *eraser) followed(ctx context.Context) error {
	feeds, err := w.store.Feeds(ctx)
	if err != nil {
		return err
	}
	poll := time.NewTicker(searchPoll / 4)
	defer poll.Stop()
	for _, feed := range feeds {
		for feed.App == w.e.App {
			places, err := w.search.index.Places(ctx)
			if err != nil || !places[feed.App].Less(feed.Last) {
				return err
			}
			select {
			case <-poll.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

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

// mergeFor does a step for erasures that wait, and Apps that are gone. more says that there are others to do. The feeds are read to their
// ends before.
func (f *follower) mergeFor(ctx context.Context, due []chat.ErasureID) (more bool, err error) {
	m := &f.merge
	if !m.begun {
		if len(due) == 0 && len(f.left) == 0 {
			return false, nil
		}
		m.for_, m.apps, m.begun, m.clean = due, f.left, true, false
		f.left = nil
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
	if err := f.search.index.Apply(ctx, f.lease, store.SearchChange{Left: m.apps}); err != nil {
		return true, err
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
