package store

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"parlor/internal/chat"
)

const (
	defaultQueue = 4096
	defaultBatch = 256
	// commitTimeout bounds one batch, so that a database that hangs holds nobody for ever.
	commitTimeout = 15 * time.Second
	// maxTries bounds how often a write is run that the engine asks to repeat.
	maxTries = 5
)

// Tx is one write, alone in its savepoint. It must not outlive the function it was
// given to. That function may run more than once, so it must have no effects but
// those on the Tx and on variables that every run sets anew.
type Tx struct {
	conn
	store   *Store
	touched []stripe
}

// Write runs fn in a transaction and returns after its commit is on the disk, or with
// fn's error, in which case nothing that fn did remains. fn gets a context of its own:
// a caller that leaves must not break a commit that others share. Writes that wait at
// the same time share one commit. Writes with the same shard (a room's id) run one after the
// other on this node; fn should lock rows of its shard only.
//
// A full queue is CodeUnavailable at once. When ctx ends first, its error is returned
// and the write may still happen, as with any call that is abandoned.
func (s *Store) Write(ctx context.Context, shard int64, fn func(context.Context, *Tx) error) error {
	return s.writer.write(ctx, shard, fn)
}

// writer owns the write connections. Each lane is a goroutine that commits what has
// queued up since its last commit; it ends when stop closes its queue.
type writer struct {
	store   *Store
	batch   int
	queues  []chan *pending
	lanes   sync.WaitGroup
	observe func(int, time.Duration)
	lastErr atomic.Pointer[error] // why the last commit failed; nil after one that worked
	lastOK  atomic.Int64          // Unix ms of the last commit that worked

	mu      sync.RWMutex // held for reading while a write enters a queue
	stopped bool
}

// pending is a write that waits for its commit.
type pending struct {
	ctx   context.Context
	shard int64
	fn    func(context.Context, *Tx) error
	tries int
	err   error
	done  chan struct{}
}

func startWriter(s *Store, o Options) *writer {
	w := &writer{store: s, batch: o.Batch, observe: o.Observe}
	if w.batch <= 0 {
		w.batch = defaultBatch
	}
	queue := o.Queue
	if queue <= 0 {
		queue = defaultQueue
	}
	n := s.eng.lanes()
	for range n {
		q := make(chan *pending, max(1, queue/n))
		w.queues = append(w.queues, q)
		w.lanes.Go(func() { w.run(q) })
	}
	return w
}

// stop refuses new writes and returns when those that wait are done.
func (w *writer) stop() {
	w.mu.Lock()
	if !w.stopped {
		w.stopped = true
		for _, q := range w.queues {
			close(q)
		}
	}
	w.mu.Unlock()
	w.lanes.Wait()
}

func (w *writer) write(ctx context.Context, shard int64, fn func(context.Context, *Tx) error) error {
	p := &pending{ctx: ctx, shard: shard, fn: fn, done: make(chan struct{})}
	if err := w.enqueue(p); err != nil {
		return err
	}
	select {
	case <-p.done:
		return w.store.explain(p.err)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *writer) enqueue(p *pending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.stopped {
		return chat.Errorf(chat.CodeUnavailable, "Parlor is shutting down; try again")
	}
	select {
	case w.queues[uint64(p.shard)%uint64(len(w.queues))] <- p:
		return nil
	default:
		return chat.Errorf(chat.CodeUnavailable, "Too many writes are waiting, nothing was stored; try again")
	}
}

// run commits batches until q is closed and empty. A lone write is not kept waiting
// for company: a batch is whatever arrived while the last one was being committed.
func (w *writer) run(q chan *pending) {
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
		w.settle(batch)
	}
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
	if err == nil {
		w.lastErr.Store(nil)
		w.lastOK.Store(time.Now().UnixMilli())
	} else if w.store.eng.away(err) {
		w.lastErr.Store(&err)
	}
	if w.observe != nil {
		w.observe(len(batch), time.Since(start))
	}
	for _, p := range batch {
		if err != nil {
			p.err = err // nothing of the batch was committed
		}
		if p.err != nil && w.store.eng.retryable(p.err) && p.tries+1 < maxTries {
			p.tries++
			p.err = nil
			again = append(again, p)
			continue
		}
		close(p.done)
	}
	return again
}

// runBatch leaves each write's own failure in its err and returns an error only when
// the batch as a whole was not committed. touched is what it may have changed.
func (w *writer) runBatch(ctx context.Context, batch []*pending) (touched []stripe, err error) {
	tx, err := w.store.eng.begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			tx.rollback()
		}
	}()
	// Each write runs in a savepoint, so that its failure harms no other. One that
	// was rolled back to serves the next write as well.
	marked := false
	for i, p := range batch {
		if p.ctx.Err() != nil {
			p.err = context.Cause(p.ctx) // its caller has left before it began
			continue
		}
		if !marked && len(batch) > 1 {
			if _, err := tx.exec(ctx, "SAVEPOINT one"); err != nil {
				return nil, fmt.Errorf("savepoint: %w", err)
			}
			marked = true
		}
		one := Tx{conn: tx, store: w.store}
		p.err = call(ctx, p.fn, &one)
		switch {
		case p.err != nil && len(batch) == 1:
			tx.rollback()
			return nil, nil
		case p.err != nil:
			if _, err := tx.exec(ctx, "ROLLBACK TO SAVEPOINT one"); err != nil {
				// The engine would not go back, as on a full disk: nobody's write stands.
				return touched, fmt.Errorf("roll back one write: %w", errors.Join(p.err, err))
			}
			continue
		}
		touched = append(touched, one.touched...)
		if i < len(batch)-1 {
			if err := tx.nextSavepoint(ctx); err != nil {
				return touched, fmt.Errorf("savepoint: %w", err)
			}
		}
	}
	if err := tx.commit(ctx); err != nil {
		return touched, fmt.Errorf("commit: %w", err)
	}
	return touched, nil
}

// call turns a panic of one write into its error: the other callers of the batch, and
// the lane, must not die of it.
func call(ctx context.Context, fn func(context.Context, *Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a write: %v", r)
		}
	}()
	return fn(ctx, tx)
}
