package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sort"
	"time"

	"parlor/internal/chat"
)

// run commits batches until q is closed and empty. A lone write is not kept waiting
// for company: a batch is whatever arrived while the last one was being committed.
func (w *writer) run(q chan *pending, t *telling) {
	for first := range q {
		batch := []*pending{first}
	collect:
		for len(batch) < w.batch {
			select {
			case p, open := <-q:
				if !open {
					break collect
				}
				batch = append(batch, p)
			default:
				break collect
			}
		}
		// The same order on every node: batches that meet lock rooms in turn and
		// do not deadlock. Stable, so that one room's writes keep their order.
		sort.SliceStable(batch, func(i, j int) bool { return batch[i].shard < batch[j].shard })
		for _, part := range w.parts(batch) {
			t.during(func() { w.settle(part) })
		}
		w.store.eng.maintain(context.Background())
	}
}

// parts keeps plain appends, which an engine may take all at once, and other writes in
// commits of their own: in one they would not lock rooms in the order of shards.
func (w *writer) parts(batch []*pending) [][]*pending {
	if !w.store.eng.appendAtOnce() {
		return [][]*pending{batch}
	}
	var appends, others []*pending
	for _, p := range batch {
		if p.appends != nil {
			appends = append(appends, p)
		} else {
			others = append(others, p)
		}
	}
	var parts [][]*pending
	for _, part := range [][]*pending{appends, others} {
		if len(part) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// settle commits batch and tells every waiting caller. Writes that the engine wants
// repeated (it broke a deadlock, say) are run again, each in a commit of its own.
func (w *writer) settle(batch []*pending) {
	again := w.commit(batch)
	for len(again) > 0 {
		p := again[0]
		again = again[1:]
		if w.commit([]*pending{p}) != nil {
			again = append(again, p)
		}
	}
}

// commit runs batch in one transaction and returns the writes to be run again.
// Everybody else has been told when it returns.
func (w *writer) commit(batch []*pending) (again []*pending) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	start := time.Now()
	touched, err := w.runBatch(ctx, batch)
	w.store.invalidate(touched) // after a failure too: what a broken commit left is for the next read to see
	w.noteHealth(batch, err)
	switch {
	case err == nil:
		tell(batch, w.announce)
	case errors.Is(err, errCommit) && w.store.eng.unsure(err):
		tell(batch, w.unsure)
	}
	if w.observe != nil {
		w.observe(len(batch), time.Since(start))
	}
	for _, p := range batch {
		if err != nil {
			p.err = err // nothing of the batch was committed
		}
		if w.repeats(p) {
			p.tries++
			p.err = nil
			again = append(again, p)
			continue
		}
		close(p.done)
	}
	return again
}

// tell hands on what happened, in the order of its commit, before its callers are told:
// nobody who has been answered can be ahead of it.
func tell(batch []*pending, to func([]chat.Event)) {
	if to == nil {
		return
	}
	var all []chat.Event
	for _, p := range batch {
		if p.err == nil {
			all = append(all, p.events...)
		}
	}
	if len(all) > 0 {
		to(all)
	}
}

// repeats reports whether p failed in a way that another run may mend.
func (w *writer) repeats(p *pending) bool {
	return p.err != nil && p.tries+1 < maxTries && !w.store.eng.away(p.err) &&
		(w.store.eng.retryable(p.err) || errors.Is(p.err, errTogether))
}

// noteHealth remembers whether writing works, for Health. A write that was refused by
// a rule, or that never began, says nothing about it.
func (w *writer) noteHealth(batch []*pending, err error) {
	worked := false
	for _, p := range batch {
		if err == nil && w.store.eng.away(p.err) {
			err = p.err
		}
		worked = worked || p.err == nil && p.state.Load() == begun
	}
	if w.store.eng.away(err) {
		w.lastErr.Store(&err)
	} else if err == nil && worked {
		w.lastErr.Store(nil)
		w.lastOK.Store(time.Now().UnixMilli())
	}
}

// runBatch leaves each write's own failure in its err and returns an error only when
// the batch as a whole was not committed. touched is what it may have changed.
func (w *writer) runBatch(ctx context.Context, batch []*pending) (touched []stripe, err error) {
	tx, err := w.store.eng.begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if len(batch) == 1 {
		touched, err = w.runAlone(ctx, tx, batch[0])
	} else {
		touched, err = w.runTogether(ctx, tx, batch)
	}
	if err != nil {
		tx.rollback()
	}
	return touched, err
}

// runAlone needs no savepoint: when its write fails, there is nobody else to spare.
func (w *writer) runAlone(ctx context.Context, tx writeTx, p *pending) ([]stripe, error) {
	one := Tx{conn: tx, store: w.store, base: tx.base()}
	if p.begin() {
		p.err = runOne(ctx, p, &one, tx)
	}
	if p.err != nil {
		tx.rollback()
		return nil, nil
	}
	p.events = one.events
	return one.touched, commitTx(ctx, tx)
}

// runTogether runs each write in a savepoint, so that its failure harms no other. One
// that was rolled back to serves the next write as well.
func (w *writer) runTogether(ctx context.Context, tx writeTx, batch []*pending) (touched []stripe, err error) {
	batch, err = w.store.pipelineAppends(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	for i, p := range batch {
		if i == 0 {
			if _, err := tx.exec(ctx, "SAVEPOINT one"); err != nil {
				return nil, fmt.Errorf("savepoint: %w", err)
			}
		}
		if !p.begin() {
			continue
		}
		one := Tx{conn: tx, store: w.store, base: tx.base()}
		if p.err = runOne(ctx, p, &one, tx); p.err != nil {
			if _, err := tx.exec(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
				// The engine would not go back, as on a full disk: nobody's write stands.
				return touched, fmt.Errorf("roll back one write: %w", errors.Join(p.err, err))
			}
			continue
		}
		p.events = one.events
		touched = append(touched, one.touched...)
		if i < len(batch)-1 {
			if err := tx.nextSavepoint(ctx); err != nil {
				return touched, fmt.Errorf("savepoint: %w", err)
			}
		}
	}
	return touched, commitTx(ctx, tx)
}

func commitTx(ctx context.Context, tx writeTx) error {
	if err := tx.commit(ctx); err != nil {
		return fmt.Errorf("%w: %w", errCommit, err)
	}
	return nil
}

// errCommit marks a failure of the commit itself. When the connection is lost in it,
// nobody knows whether it took place.
var errCommit = errors.New("commit")

// runOne runs a write and holds it to its errors: an engine that refuses all further
// statements after a failed one must not have a write go by that has ignored it.
func runOne(ctx context.Context, p *pending, one *Tx, tx writeTx) error {
	if err := one.hold(ctx, p.by); err != nil {
		return err
	}
	err := call(ctx, p.fn, one)
	if err == nil && tx.aborted() {
		return errors.New("a statement of this write has failed, and it went on")
	}
	return err
}

// call turns a panic of one write into its error: the other callers of the batch, and
// the lane, must not die of it.
func call(ctx context.Context, fn func(context.Context, *Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", r, debug.Stack())
		}
	}()
	return fn(ctx, tx)
}
