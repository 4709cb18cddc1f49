package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Tx is one write, alone in its savepoint. It must not outlive the function it was
// given to. That function may run more than once, so it must have no effects but
// those on the Tx and on variables that every run sets anew.
type Tx struct {
	conn    engine.Tx
	store   *Store
	touched []stripe
	events  []chat.Event
	base    int64 // of change numbers; see engine.SQL
	number  int64 // of what was changed last
	jobs    []jobDue
	feed    chat.AppID // whose events were recorded, 0 for nobody's
}

// Now is the clock in Unix milliseconds.
func (tx *Tx) Now() int64 { return tx.store.nowMS() }

// Write runs fn in a transaction and returns after its commit is on the disk, or with
// fn's error, in which case nothing that fn did remains. fn gets a context of its own:
// a caller that leaves must not break a commit that others share. Writes that wait at
// the same time share one commit. Writes with the same shard (a room's id) run one after the
// other on this node; fn should lock rows of its shard only.
//
// A full queue is CodeUnavailable at once. When ctx ends before fn has begun, its error
// is returned and fn never runs; once it has begun, Write waits for the outcome.
func (s *Store) Write(ctx context.Context, shard int64, fn func(context.Context, *Tx) error) error {
	return s.WriteAs(ctx, Author{}, shard, fn)
}

// WriteAs is Write in somebody's name. It is CodeTokenInvalid where the login is over, and
// CodeNotFound where the user is deleted.
func (s *Store) WriteAs(ctx context.Context, by Author, shard int64, fn func(context.Context, *Tx) error) error {
	return s.do(ctx, shard, &write{by: by, fn: fn, tx: Tx{store: s}})
}

// do has a lane do w, which writes down what it is done for: see Call.
func (s *Store) do(ctx context.Context, shard int64, w *write) error {
	w.call = toNote(ctx)
	err := s.answer(s.lanes.Write(ctx, shard, w))
	w.call.settle(err)
	return err
}

// write is what a lane does for one caller.
type write struct {
	by      Author
	fn      func(context.Context, *Tx) error
	appends []NewMessage // appended where there is no fn
	opens   *NewRoom     // made where there is neither
	call    *Call        // what it is done for, to be written down first; nil for nothing
	once    *Claim       // with which opens is done once; nil for no claim

	// Of the last run.
	tx       Tx
	appended []chat.Message
	opened   chat.Room
}

// Plain says that w only appends messages, or only makes a room.
func (w *write) Plain() bool {
	for i := range w.appends {
		if w.appends[i].File != "" { // it is shared, too
			return false
		}
	}
	return w.fn == nil && (w.call == nil || w.call.Claim == nil && w.opens != nil)
}

// Run does the write anew.
func (w *write) Run(ctx context.Context, tx engine.Tx) error {
	w.tx = Tx{conn: tx, store: w.tx.store, base: tx.Base()}
	if err := w.call.note(ctx, w); err != nil {
		return err
	}
	if err := w.tx.hold(ctx, w.by); err != nil {
		return err
	}
	if w.fn != nil {
		return w.fn(ctx, &w.tx)
	}
	if w.opens != nil {
		return w.open(ctx)
	}
	return w.appendAll(ctx)
}

// settled makes what was changed old in the cache, after a failure too: what a broken commit
// has left is for the next read to see. Then it hands on what happened, in the order of the
// writes.
func (s *Store) settled(writes []*write, how engine.Outcome) {
	s.cache.invalidate(writes)
	if how != engine.Failed {
		s.tellOfJobs(writes)
		s.tellOfFeed(writes)
	}
	if s.follow == nil || how == engine.Failed {
		return
	}
	var all []chat.Event
	for _, w := range writes {
		all = append(all, w.tx.events...)
	}
	switch {
	case len(all) == 0:
	case how == engine.Unsure:
		s.follow.Unsure(all)
	default:
		s.follow.Committed(all)
	}
}
