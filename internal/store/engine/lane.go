package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	// commitTimeout bounds one batch, so that a database that hangs holds nobody forever.
	commitTimeout = 15 * time.Second
	// maxTries bounds how often a work is run that the engine asks to repeat.
	maxTries = 5
)

// lane commits, one batch after the other, what has queued up since its last commit.
type lane[W Work] struct {
	all      *Lanes[W]
	queue    chan *pending[W]
	settling sync.Mutex // held from before a transaction until all have been told of it

	// Owned by run.
	ran    []W     // works that ran in the transaction without an error of their own
	works  []W     // those of a pipeline
	failed []error // and what is wrong with each
}

// run commits batches until the queue is closed and empty. A lone work is not kept waiting
// for company: a batch is whatever arrived while the last one was being committed.
func (l *lane[W]) run() {
	for first := range l.queue {
		batch := []*pending[W]{first}
	collect:
		for len(batch) < l.all.o.Batch {
			select {
			case p, open := <-l.queue:
				if !open {
					break collect
				}
				batch = append(batch, p)
			default:
				break collect
			}
		}
		// The same order on every node: batches that meet lock rows in turn and do not
		// deadlock. Stable, so that the works of one shard keep their order.
		slices.SortStableFunc(batch, func(a, b *pending[W]) int { return cmp.Compare(a.shard, b.shard) })
		for _, part := range l.parts(batch) {
			l.settling.Lock()
			l.settle(part)
			l.settling.Unlock()
		}
		l.all.eng.Maintain(context.Background())
	}
}

// pipelines reports whether plain works are done together.
func (l *lane[W]) pipelines() bool { return l.all.o.Together != nil && l.all.eng.Pipelines() }

// parts keeps plain works, which are pipelined, those of shards below zero, and others in transactions of their
// own: in one they would not lock rows in the order of shards. Of a shard below zero each transaction has one.
func (l *lane[W]) parts(batch []*pending[W]) [][]*pending[W] {
	if !l.pipelines() {
		return [][]*pending[W]{batch}
	}
	var plain, others []*pending[W]
	var parts [][]*pending[W]
	nth := 0 // of its shard
	for i, p := range batch {
		if nth++; i == 0 || p.shard != batch[i-1].shard {
			nth = 0
		}
		switch {
		case p.plain():
			plain = append(plain, p)
		case p.shard >= 0:
			others = append(others, p)
		case nth < len(parts):
			parts[nth] = append(parts[nth], p)
		default:
			parts = append(parts, []*pending[W]{p})
		}
	}
	for _, part := range [][]*pending[W]{plain, others} {
		if len(part) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// settle commits batch and tells every waiting caller. Works that the engine wants repeated
// (it broke a deadlock, say) are run again, each in a transaction of its own.
func (l *lane[W]) settle(batch []*pending[W]) {
	again := l.commit(batch)
	for len(again) > 0 {
		p := again[0]
		again = again[1:]
		if l.commit([]*pending[W]{p}) != nil {
			again = append(again, p)
		}
	}
}

// commit runs batch in one transaction and returns the works to be run again. Everybody else
// has been told when it returns, and Options.Settled before them: nobody who has been
// answered can be ahead of what was handed on.
func (l *lane[W]) commit(batch []*pending[W]) (again []*pending[W]) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	start := time.Now()
	err := l.runBatch(ctx, batch)
	noteHealth(l.all, batch, err)
	if l.all.o.Settled != nil {
		l.all.o.Settled(l.ran, outcome(err))
	}
	clear(l.ran)
	if l.all.o.Observe != nil {
		l.all.o.Observe(len(batch), time.Since(start))
	}
	for _, p := range batch {
		if err != nil {
			p.err = err // nothing of the batch was committed
		}
		if l.repeats(p) {
			p.tries++
			p.err = nil
			again = append(again, p)
			continue
		}
		close(p.done)
	}
	return again
}

func outcome(err error) Outcome {
	switch {
	case err == nil:
		return Committed
	case errors.Is(err, ErrUnsure):
		return Unsure
	}
	return Failed
}

// repeats reports whether p failed in a way that another run may mend.
func (l *lane[W]) repeats(p *pending[W]) bool {
	return p.err != nil && p.tries+1 < maxTries && !l.all.eng.Away(p.err) &&
		(l.all.eng.Retryable(p.err) || errors.Is(p.err, errTogether))
}
