package job

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// pollInterval is how late a node may learn of a job that another process has made.
	pollInterval = time.Second
	// pruneInterval is how often it is looked for jobs that were given up long ago.
	pruneInterval = time.Minute
	// KeepDead is how long a job that was given up is kept.
	KeepDead = 30 * 24 * time.Hour
	// MaxDead bounds the jobs of a kind that were given up and are kept.
	MaxDead = 10_000
)

// Outcome is how one try of a job ended.
type Outcome string

// The outcomes.
const (
	Done   Outcome = "done"
	Failed Outcome = "failed" // and is tried again
	Dead   Outcome = "dead"   // failed, and is given up
	Lost   Outcome = "lost"   // its lease ended before it did
)

// Options are what a Worker is given.
type Options struct {
	Store *store.Store
	Log   *slog.Logger
	Kinds []Kind
	// Owner names this process, for operators.
	Owner string
	// Now is the clock of what is due; nil means time.Now.
	Now func() time.Time
	// Observe, if set, is told of each try.
	Observe func(chat.JobKind, Outcome)
}

// Worker does the jobs of its kinds.
type Worker struct {
	o     Options
	lines map[chat.JobKind]*line
}

// New makes a worker, which hears of what its store commits from now on.
func New(o Options) *Worker {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(chat.JobKind, Outcome) {}
	}
	w := &Worker{o: o, lines: map[chat.JobKind]*line{}}
	for _, k := range o.Kinds {
		w.lines[k.Name] = newLine(w, k.withDefaults())
	}
	o.Store.FollowJobs(w.committed)
	return w
}

// committed wakes those who do a kind of which this process has committed a job. It does not block.
func (w *Worker) committed(kind chat.JobKind, dueAt int64) {
	l := w.lines[kind]
	if l == nil || dueAt > w.o.Now().Add(pollInterval).UnixMilli() {
		return // it is seen in time
	}
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// Run does jobs until ctx ends. It returns nil once those under way have ended; what was begun and
// has not succeeded is done again later, here or elsewhere.
func (w *Worker) Run(ctx context.Context) error {
	var all sync.WaitGroup // each ends with ctx
	for _, l := range w.lines {
		all.Go(func() { l.run(ctx) })
	}
	all.Go(func() { w.prune(ctx) })
	all.Wait()
	return nil
}

// prune forgets jobs that were given up long ago, or are too many.
func (w *Worker) prune(ctx context.Context) {
	tick := time.NewTicker(pruneInterval)
	defer tick.Stop()
	for {
		err := error(nil)
		for kind := range w.lines {
			_, kerr := w.o.Store.PruneJobs(ctx, kind, w.o.Now().Add(-KeepDead), MaxDead)
			err = errors.Join(err, kerr)
		}
		if err != nil && ctx.Err() == nil {
			w.o.Log.Warn("jobs that were given up are not forgotten yet", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
