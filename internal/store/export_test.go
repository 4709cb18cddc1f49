package store

import (
	"context"
	"log/slog"
	"time"
)

// Waiting is how many writes are in the queues. Tests wait for it before they go on.
func (s *Store) Waiting() int { return s.lanes.Waiting() }

// Tender looks after generations of localIDs, step by step.
type Tender struct{ t *localIDTender }

// NewTender has generations of size messages, which are sealed at once.
func NewTender(s *Store, size int64) Tender {
	s.locals.least = size
	return Tender{&localIDTender{store: s, log: slog.New(slog.DiscardHandler), sealAfter: time.Nanosecond}}
}

// Step does the next part.
func (t Tender) Step(ctx context.Context) (more bool, err error) {
	t.t.countedAt = time.Time{} // counts each time
	return t.t.step(ctx)
}

// Filters is how many generations are kept in memory.
func (s *Store) Filters() int { return len(s.locals.known.Load().filters) }

// Indexed reports whether messages are looked for in the index of before.
func (s *Store) Indexed() bool { return s.locals.known.Load().indexed }
