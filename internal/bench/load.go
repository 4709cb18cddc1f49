package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// load is work that several workers repeat, each starting again when its last piece is
// done. So the workers wait when the server is slow: latencies are those of a server
// under as much work as it can take, not of one with a fixed number of calls a second.
type load struct {
	name    string
	what    string // what exactly is done, for the report
	workers int
	// rest is how long a worker rests after a piece, before the next; it does not count.
	rest time.Duration
	// most bounds the time of one round; 0 means no bound but the run's.
	most time.Duration
	// before, if set, is done once before a round, which then counts from its first moment:
	// nothing warms up.
	before func() error
	// open readies a worker. do is one piece of work; close is called at the end.
	open func(ctx context.Context, worker int) (do func() error, close func(), err error)
	// whole, if set, is a round by itself, instead of pieces that are repeated: it returns
	// how long it took in all and for each of its pieces.
	whole func(ctx context.Context) (all time.Duration, pieces []time.Duration, err error)
	// state, if set, says how far a whole round is.
	state func() string
	// cpu reads how many seconds of processor time the work has cost so far; nil when
	// that cannot be known.
	cpu func(context.Context) (float64, error)
}

// calls is a load of API calls over as many connections. bodies makes, for each of them,
// what appends the next request's body.
func calls(name, what string, t target, connections int, bodies func(worker int) func(b []byte) []byte) load {
	return load{
		name: name, what: what, workers: connections, cpu: t.cpu,
		open: func(ctx context.Context, worker int) (func() error, func(), error) {
			c, err := dial(ctx, t)
			if err != nil {
				return nil, nil, t.fate(err)
			}
			next := bodies(worker)
			var body []byte
			do := func() error {
				body = next(body[:0])
				if _, err := c.post(body); err != nil {
					return t.fate(err)
				}
				return nil
			}
			return do, c.close, nil
		},
	}
}

// window is the part of a round that counts: what ends in it is measured. Before it the
// work warms up.
type window struct {
	start   time.Time
	length  atomic.Int64 // ns
	total   atomic.Int64 // pieces of work done, those of the warm-up included
	counted atomic.Int64 // those that ended in the window
}

func (w *window) end() time.Time { return w.start.Add(time.Duration(w.length.Load())) }

// run does the work for d and measures it. One failure ends it.
func (l load) run(ctx context.Context, d time.Duration, progress func(*window)) (Round, error) {
	if l.most > 0 {
		d = min(d, l.most)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dos := make([]func() error, l.workers)
	for i := range dos {
		do, closeWorker, err := l.open(ctx, i)
		if err != nil {
			return Round{}, fmt.Errorf("worker %d: %w", i, err)
		}
		defer closeWorker()
		dos[i] = do
	}
	warmUp := min(d/5, time.Second)
	if l.before != nil {
		if err := l.before(); err != nil {
			return Round{}, err
		}
		warmUp = 0
	}
	w := &window{start: time.Now().Add(warmUp)}
	w.length.Store(int64(d))
	progress(w)

	var all sync.WaitGroup
	tooks := make([][]time.Duration, l.workers)
	for i, do := range dos {
		all.Go(func() { // ends with the window, with ctx, or with a failure
			var err error
			if tooks[i], err = w.work(ctx, d, l.rest, do); err != nil {
				cancel(err)
			}
		})
	}
	cost, costErr := l.cost(ctx, w)
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return Round{}, err
	}
	if costErr != nil {
		return Round{}, fmt.Errorf("processor time: %w", costErr)
	}
	return newRound(tooks, time.Duration(w.length.Load()), cost), nil
}

// runWhole measures a load that is a round by itself.
func (l load) runWhole(ctx context.Context) (Round, error) {
	var seconds [2]float64
	read := func(i int) (err error) {
		if l.cpu != nil {
			seconds[i], err = l.cpu(ctx)
		}
		return err
	}
	if err := read(0); err != nil {
		return Round{}, fmt.Errorf("processor time: %w", err)
	}
	all, pieces, err := l.whole(ctx)
	if err != nil {
		return Round{}, err
	}
	if err := read(1); err != nil {
		return Round{}, fmt.Errorf("processor time: %w", err)
	}
	r := newRound([][]time.Duration{pieces}, all, nil)
	if l.cpu != nil {
		per := (seconds[1] - seconds[0]) / float64(len(pieces)) * 1000
		r.CPU = &per
	}
	return r, nil
}

// work repeats do until the window ends. A window in which nothing has ended is made
// longer by another d, so that every round has a figure.
func (w *window) work(ctx context.Context, d, rest time.Duration, do func() error) (took []time.Duration, err error) {
	for rested(ctx, rest) {
		begun := time.Now()
		if err := do(); err != nil {
			return nil, err
		}
		ended := time.Now()
		w.total.Add(1)
		if ended.Before(w.start) {
			continue
		}
		if ended.After(w.end()) {
			if w.counted.Load() > 0 {
				break
			}
			w.length.Store(int64(ended.Add(d).Sub(w.start)))
		}
		w.counted.Add(1)
		took = append(took, ended.Sub(begun))
	}
	return took, nil
}

// rested waits, and reports whether ctx still goes on then.
func rested(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// cost measures the processor time of the window, in seconds per 1,000 pieces of work;
// nil when it cannot be known. The pieces are counted when the time is read, which is
// not exactly when the window begins and ends.
func (l load) cost(ctx context.Context, w *window) (*float64, error) {
	if l.cpu == nil {
		return nil, nil
	}
	var seconds [2]float64
	var pieces [2]int64
	for i, at := range []time.Time{w.start, w.end()} {
		select {
		case <-time.After(time.Until(at)):
		case <-ctx.Done():
			return nil, nil // there will be no figure to go with it
		}
		var err error
		if seconds[i], err = l.cpu(ctx); err != nil {
			return nil, err
		}
		pieces[i] = w.total.Load()
	}
	if pieces[1] == pieces[0] {
		return nil, nil
	}
	per := (seconds[1] - seconds[0]) / float64(pieces[1]-pieces[0]) * 1000
	return &per, nil
}
