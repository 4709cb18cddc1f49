package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	defaultQueue = 4096
	defaultBatch = 256
)

// Work is one write, as its caller wants it.
type Work interface {
	// Run does the work within tx, alone in its savepoint. It may run more than once, so it
	// must have no effects but those on tx and on what every run sets anew. ctx is not the
	// caller's: one who leaves must not break a commit that others share.
	Run(ctx context.Context, tx Tx) error
	// Plain says that Options.Together can do the work together with others of its kind.
	Plain() bool
}

// Options say how lanes work, and who is told of what they do. A lane calls the functions;
// they must not block, nor keep a slice that they are given.
type Options[W Work] struct {
	Queue int              // bounds the works that wait, in all; 0 means 4096
	Batch int              // bounds the works of one transaction; 0 means 256
	Now   func() time.Time // the clock; nil means time.Now

	// Together, if set, does plain works in one pipeline, on an engine that has one. It puts
	// the error of a work which has failed and left nothing behind into failed, in the same
	// place. After an error of its own nothing stands, and each work is run by itself.
	Together func(ctx context.Context, tx Tx, works []W, failed []error) error
	// Settled, if set, is told how a transaction has ended, before the callers are. works are
	// those that ran in it without an error of their own.
	Settled func(works []W, how Outcome)
	// Observe, if set, is told of every transaction: how many works it was for and how long
	// it took.
	Observe func(works int, took time.Duration)
}

// Outcome is how a transaction has ended.
type Outcome int

// The outcomes of a transaction.
const (
	Failed    Outcome = iota // it left nothing behind
	Committed                // it is on the disk
	Unsure                   // nobody knows: see ErrUnsure
)

// Lanes queue up works and commit them together: see the package's comment.
type Lanes[W Work] struct {
	eng   Engine
	o     Options[W]
	lanes []*lane[W]
	ended sync.WaitGroup

	lastErr atomic.Pointer[error] // why the last commit failed; nil after one that worked
	lastOK  atomic.Int64          // Unix ms of the last commit that worked

	mu     sync.RWMutex // held for reading while a work enters a queue
	closed bool
}

// NewLanes starts as many lanes as eng takes. They end with Close.
func NewLanes[W Work](eng Engine, o Options[W]) *Lanes[W] {
	if o.Batch <= 0 {
		o.Batch = defaultBatch
	}
	if o.Queue <= 0 {
		o.Queue = defaultQueue
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Lanes[W]{eng: eng, o: o}
	n := eng.Lanes()
	for range n {
		one := &lane[W]{all: l, queue: make(chan *pending[W], max(1, o.Queue/n))}
		l.lanes = append(l.lanes, one)
		l.ended.Go(one.run) // ends when Close closes its queue
	}
	return l
}

// Write has a lane do work and returns after its commit is on the disk, or with the work's
// error, in which case nothing of it remains. Works of one shard run one after the other, in
// the order of their calls. Of a shard below zero a transaction has one at most, and nothing of
// shards from zero on, where there are several writers.
//
// taken is false for a work that never ran: because of ErrQueueFull or ErrClosed, or with the
// cause of ctx's end. Once work has begun, Write waits for the outcome, whatever ctx says.
func (l *Lanes[W]) Write(ctx context.Context, shard int64, work W) (taken bool, err error) {
	return l.wait(&pending[W]{ctx: ctx, shard: shard, work: work, done: make(chan struct{})})
}

// wait queues p and waits until it is settled.
func (l *Lanes[W]) wait(p *pending[W]) (taken bool, err error) {
	if err := l.enqueue(p); err != nil {
		return false, err
	}
	select {
	case <-p.done:
	case <-p.ctx.Done():
		if p.state.CompareAndSwap(waiting, abandoned) {
			return false, context.Cause(p.ctx)
		}
		<-p.done // what the work sets must not change behind the caller's back, and its outcome is known soon
	}
	return true, p.err
}

func (l *Lanes[W]) enqueue(p *pending[W]) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return ErrClosed
	}
	if p.ctx.Err() != nil {
		return context.Cause(p.ctx) // a caller that has left already must not race with the lane
	}
	select {
	case l.lanes[uint64(p.shard)%uint64(len(l.lanes))].queue <- p:
		return nil
	default:
		return ErrQueueFull
	}
}

// Wait returns once every transaction that was under way when it was called is settled:
// whatever was committed before, Options.Settled has been told of.
func (l *Lanes[W]) Wait() {
	for _, one := range l.lanes {
		one.settling.Lock()
		one.settling.Unlock() //nolint:staticcheck // only the turn is waited for
	}
}

// Close refuses new works and returns when those that wait are done.
func (l *Lanes[W]) Close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		for _, one := range l.lanes {
			close(one.queue)
		}
	}
	l.mu.Unlock()
	l.ended.Wait()
}

// Waiting is how many works are in the queues.
func (l *Lanes[W]) Waiting() (n int) {
	for _, one := range l.lanes {
		n += len(one.queue)
	}
	return n
}
