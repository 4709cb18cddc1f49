package store

import (
	"context"
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
	events  []chat.Event
	base    int64 // of change numbers; see engine.number
	number  int64 // of what was changed last
}

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
	return s.writer.write(&pending{ctx: ctx, by: by, shard: shard, fn: fn})
}

// writer owns the write connections. Each lane is a goroutine that commits what has
// queued up since its last commit; it ends when stop closes its queue.
type writer struct {
	store    *Store
	batch    int
	queues   []chan *pending
	telling  []*telling // of each lane
	lanes    sync.WaitGroup
	observe  func(int, time.Duration)
	announce func([]chat.Event)
	unsure   func([]chat.Event)
	lastErr  atomic.Pointer[error] // why the last commit failed; nil after one that worked
	lastOK   atomic.Int64          // Unix ms of the last commit that worked

	mu      sync.RWMutex // held for reading while a write enters a queue
	stopped bool
}

// telling is held from before a commit until it was told of.
type telling struct{ mu sync.Mutex }

func (t *telling) during(do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	do()
}

// wait returns once the commit that is under way, if any, was told of.
func (t *telling) wait() { t.during(func() {}) }

// pending is a write that waits for its commit.
type pending struct {
	ctx     context.Context
	by      Author
	shard   int64
	fn      func(context.Context, *Tx) error
	events  []chat.Event    // of the run that was committed
	appends []*chat.Message // if set, fn appends these and does nothing else
	state   atomic.Int32    // waiting, begun or abandoned
	tries   int
	err     error
	done    chan struct{}
}

// The states of a pending write. Whoever takes it out of waiting, its lane or its
// caller, decides whether it happens.
const (
	waiting = iota
	begun
	abandoned
)

// begin reports whether the write is to run: its caller may have left.
func (p *pending) begin() bool {
	return p.state.CompareAndSwap(waiting, begun) || p.state.Load() == begun
}

func startWriter(s *Store, o Options) *writer {
	w := &writer{store: s, batch: o.Batch, observe: o.Observe, announce: o.Committed, unsure: o.Unsure}
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
		t := &telling{}
		w.queues, w.telling = append(w.queues, q), append(w.telling, t)
		w.lanes.Go(func() { w.run(q, t) })
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

// write queues p and waits until it is settled.
func (w *writer) write(p *pending) error {
	p.done = make(chan struct{})
	if err := w.enqueue(p); err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-p.ctx.Done():
		if p.state.CompareAndSwap(waiting, abandoned) {
			return context.Cause(p.ctx)
		}
		<-p.done // what fn sets must not change behind the caller's back, and its outcome is known soon
	}
	return w.store.explainWrite(p.err)
}

func (w *writer) enqueue(p *pending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.stopped {
		return chat.Errorf(chat.CodeUnavailable, "Parlor is shutting down; try again")
	}
	if p.ctx.Err() != nil {
		return context.Cause(p.ctx) // who has left already must not race with the lane
	}
	select {
	case w.queues[uint64(p.shard)%uint64(len(w.queues))] <- p:
		return nil
	default:
		return chat.Errorf(chat.CodeUnavailable, "Too many writes are waiting, nothing was stored; try again")
	}
}
