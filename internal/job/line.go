package job

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// gatherTime is how long the first free place waits for more, so that jobs are taken, and then
	// done, together. A lone job finds all places free and waits for nothing.
	gatherTime = 5 * time.Millisecond
	// contested is how long it is waited for a job that another node is just taking.
	contested = 20 * time.Millisecond
	// settleTime bounds what is written once a job has ended, also when the process is to end.
	settleTime = 5 * time.Second
)

// line does the jobs of one kind, on this node.
type line struct {
	Kind
	w     *Worker
	woken chan struct{} // holds one entry when a job may be due sooner than was known
	busy  chan struct{} // holds one entry for each job under way
}

func newLine(w *Worker, k Kind) *line {
	return &line{Kind: k, w: w, woken: make(chan struct{}, 1), busy: make(chan struct{}, k.AtOnce)}
}

// run takes jobs as they become due, and as places become free.
func (l *line) run(ctx context.Context) {
	defer func() {
		for range l.AtOnce { // all places are free once the last job has ended
			l.busy <- struct{}{}
		}
	}()
	released := false
	for ctx.Err() == nil {
		err := error(nil)
		if !released {
			err = l.w.o.Store.ReleaseJobs(ctx, l.Name, l.Lease)
			released = err == nil
		}
		wait := pollInterval
		if err == nil {
			wait, err = l.turn(ctx)
		}
		if err != nil && ctx.Err() == nil {
			l.w.o.Log.Warn("jobs are not taken at the moment", "kind", string(l.Name), "error", err)
		}
		l.sleep(ctx, wait)
	}
}

// turn takes what is due, as far as there are places, and says how long nothing else will be.
func (l *line) turn(ctx context.Context) (wait time.Duration, err error) {
	next, ok, err := l.w.o.Store.NextJob(ctx, l.Name)
	if err != nil || !ok {
		return pollInterval, err
	}
	if d := time.UnixMilli(next).Sub(l.w.o.Now()); d > 0 {
		return min(d, pollInterval), nil
	}
	free := l.places(ctx)
	if free == 0 {
		return 0, nil
	}
	jobs, buried, err := l.w.o.Store.LeaseJobs(ctx, store.JobLease{
		Kind: l.Name, Owner: l.w.o.Owner, Limit: free, For: l.Lease, Attempts: l.Attempts,
	})
	for range free - len(jobs) {
		<-l.busy
	}
	for range buried {
		l.w.o.Observe(l.Name, Dead)
	}
	for _, j := range jobs {
		go func() { // ends when the job has, or soon after ctx; run waits for it
			defer func() { <-l.busy }()
			l.do(ctx, j)
		}()
	}
	if err == nil && len(jobs)+buried == 0 {
		wait = contested
	}
	return wait, err
}

// places takes free places, up to AtOnce. It waits for the first one, and a moment for half of all;
// what is free beyond that it takes at once. It returns 0 only when ctx has ended.
func (l *line) places(ctx context.Context) (n int) {
	select {
	case l.busy <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	gather := time.NewTimer(gatherTime)
	defer gather.Stop()
	for n = 1; n < l.AtOnce; n++ {
		select {
		case l.busy <- struct{}{}:
			continue
		default:
		}
		if n >= l.AtOnce/2 {
			return n
		}
		select {
		case l.busy <- struct{}{}:
		case <-gather.C:
			return n
		case <-ctx.Done():
			return n
		}
	}
	return n
}

// sleep waits, or less if a job may be due sooner.
func (l *line) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-l.woken:
	case <-timer.C:
	}
}

// do does one job and writes down how it ended.
func (l *line) do(ctx context.Context, j chat.Job) {
	limited, cancel := context.WithTimeout(ctx, l.Lease*9/10)
	err := l.try(limited, j)
	cancel()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	outcome, serr := l.settle(last, j, err, ctx.Err() != nil)
	if serr != nil { // its lease ends by itself
		l.w.o.Log.Warn("how a job ended could not be stored", "kind", string(l.Name), "job", int64(j.ID), "error", serr)
		return
	}
	if outcome != "" {
		l.w.o.Observe(l.Name, outcome)
	}
	if outcome == Dead {
		l.w.o.Log.Error("a job is given up", "kind", string(l.Name), "job", int64(j.ID), "attempts", j.Attempts, "error", err)
	}
}

// try calls Do, whose panic is the job's failure and not that of the process.
func (l *line) try(ctx context.Context, j chat.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
	}()
	return l.Do(ctx, j)
}

// settle writes down how a job ended. stopping says that the process is to end, so that a failure
// says nothing of the job.
func (l *line) settle(ctx context.Context, j chat.Job, failed error, stopping bool) (Outcome, error) {
	st := l.w.o.Store
	switch {
	case failed == nil && l.EndsItself:
		return Done, nil
	case failed == nil:
		ok, err := st.EndJob(ctx, j)
		if !ok {
			return Lost, err
		}
		return Done, err
	}
	if stopping && !errors.As(failed, new(gaveUp)) {
		return "", st.GiveBackJob(ctx, j, l.w.o.Now().UnixMilli(), "")
	}
	again, bury := l.verdict(failed, j.Attempts, rand.Float64()) //nolint:gosec // spreads load, keeps no secret
	if bury {
		return Dead, st.BuryJob(ctx, j, failed.Error())
	}
	return Failed, st.GiveBackJob(ctx, j, l.w.o.Now().Add(again).UnixMilli(), failed.Error())
}
