package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// bench is a store with an App, and the workers on it.
type bench struct {
	st  *store.Store
	app chat.AppID
}

func newBench(t *testing.T, st *store.Store) *bench {
	t.Helper()
	app, err := st.CreateApp(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	return &bench{st, app.ID}
}

func (b *bench) add(t *testing.T, jobs ...chat.Job) (ids []chat.JobID) {
	t.Helper()
	err := b.st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) (err error) {
		for i := range jobs {
			jobs[i].App = b.app
		}
		ids, err = tx.AddJobs(ctx, jobs)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// runOn runs a worker until stop, or the end of the test.
func runOn(t *testing.T, st *store.Store, owner string, observe func(chat.JobKind, job.Outcome), kinds ...job.Kind) (stop func()) {
	t.Helper()
	w := job.New(job.Options{Store: st, Log: slog.New(slog.DiscardHandler), Kinds: kinds, Owner: owner, Observe: observe})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (b *bench) left(t *testing.T, dead bool) []chat.Job {
	t.Helper()
	list, err := b.st.Jobs(t.Context(), store.JobFilter{Dead: dead, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// inBubble runs a test with a clock that goes on only when everybody waits.
func inBubble(t *testing.T, test func(*testing.T, *bench)) {
	t.Helper()
	o := storetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) { test(t, newBench(t, storetest.Open(t, o))) })
}

// TestRetries: a job that fails is tried again, each time later, and given up in the end.
func TestRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var tries []time.Time
		runOn(t, b.st, "node", nil, job.Kind{
			Name: "k", Attempts: 5, Backoff: 4 * time.Second,
			Do: func(_ context.Context, j chat.Job) error {
				tries = append(tries, time.Now())
				if j.Attempts != len(tries) || j.Payload != "p" {
					t.Errorf("try %d of %+v", len(tries), j)
				}
				if len(tries) == 4 {
					panic("oh")
				}
				return errors.New("it did not work")
			},
		})
		b.add(t, chat.Job{Kind: "k", Payload: "p"})
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if len(tries) != 5 {
			t.Fatalf("%d tries", len(tries))
		}
		for i, longest := range []time.Duration{4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second} {
			if d := tries[i+1].Sub(tries[i]); d < longest/2 || d > longest+time.Second {
				t.Errorf("try %d came %v after the one before, want %v to %v", i+2, d, longest/2, longest)
			}
		}
		dead := b.left(t, true)
		if len(dead) != 1 || dead[0].LastError != "it did not work" || len(b.left(t, false)) != 0 {
			t.Errorf("given up: %+v", dead)
		}
	})
}

// TestVerdicts: a handler may say when to try again, or that there is no use in it, or succeed.
func TestVerdicts(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		start := time.Now()
		tried := map[string][]time.Duration{}
		seen := map[job.Outcome]int{}
		var mu sync.Mutex // guards the maps
		runOn(t, b.st, "node", func(_ chat.JobKind, how job.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			seen[how]++
		}, job.Kind{Name: "k", Do: func(_ context.Context, j chat.Job) error {
			mu.Lock()
			defer mu.Unlock()
			tried[j.Payload] = append(tried[j.Payload], time.Since(start))
			switch {
			case j.Payload == "hopeless":
				return job.GiveUp(errors.New("no such device"))
			case j.Payload == "later" && len(tried["later"]) == 1:
				return job.RetryAfter(90*time.Second, errors.New("too many"))
			}
			return nil
		}})
		b.add(t, chat.Job{Kind: "k", Payload: "hopeless"}, chat.Job{Kind: "k", Payload: "later"}, chat.Job{Kind: "k", Payload: "fine"},
			chat.Job{Kind: "k", Payload: "due later", DueAt: start.Add(30 * time.Second).UnixMilli()})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		for payload, want := range map[string][]time.Duration{
			"hopeless": {0}, "fine": {0}, "later": {0, 90 * time.Second}, "due later": {30 * time.Second},
		} {
			got := tried[payload]
			if len(got) != len(want) {
				t.Errorf("%s was tried at %v, want %v", payload, got, want)
				continue
			}
			for i := range want {
				if d := got[i] - want[i]; d < 0 || d > 50*time.Millisecond {
					t.Errorf("%s was tried at %v, want %v", payload, got, want)
				}
			}
		}
		if seen[job.Done] != 3 || seen[job.Failed] != 1 || seen[job.Dead] != 1 || seen[job.Lost] != 0 {
			t.Errorf("outcomes %v", seen)
		}
		if dead := b.left(t, true); len(dead) != 1 || dead[0].LastError != "no such device" {
			t.Errorf("given up: %+v", dead)
		}
	})
}

// TestStopGivesBack: what is under way at a stop is told so, and is due again at once, as if it had
// not been tried.
func TestStopGivesBack(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		begun := make(chan struct{})
		stop := runOn(t, b.st, "node", nil, job.Kind{Name: "k", Do: func(ctx context.Context, _ chat.Job) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		}})
		b.add(t, chat.Job{Kind: "k"})
		<-begun
		stop()
		left := b.left(t, false)
		if len(left) != 1 || left[0].Owner != "" || left[0].Attempts != 0 || left[0].DueAt > time.Now().UnixMilli() {
			t.Errorf("after the stop: %+v", left)
		}
	})
}

// TestSlowJob: a handler hears of the end of its lease before it comes, so that no two are at one job.
func TestSlowJob(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var at, most atomic.Int32
		runOn(t, b.st, "node", nil, job.Kind{
			Name: "k", Lease: 10 * time.Second, Attempts: 3, Backoff: time.Millisecond,
			Do: func(ctx context.Context, _ chat.Job) error {
				most.Store(max(most.Load(), at.Add(1)))
				defer at.Add(-1)
				<-ctx.Done()
				return ctx.Err()
			},
		})
		b.add(t, chat.Job{Kind: "k"})
		time.Sleep(time.Minute)
		synctest.Wait()
		if dead := b.left(t, true); most.Load() != 1 || len(dead) != 1 || dead[0].Attempts != 3 {
			t.Errorf("%d at once, given up %+v", most.Load(), dead)
		}
	})
}

// TestPlaces: no more are done at once than there are places, a slow one holds up no other, and
// kinds do not wait for each other.
func TestPlaces(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var at, most, done atomic.Int32
		blocked := func(ctx context.Context, _ chat.Job) error {
			<-ctx.Done()
			return ctx.Err()
		}
		runOn(t, b.st, "node", nil,
			job.Kind{Name: "stuck", AtOnce: 1, Lease: time.Hour, Do: blocked},
			job.Kind{Name: "k", AtOnce: 4, Do: func(ctx context.Context, j chat.Job) error {
				most.Store(max(most.Load(), at.Add(1)))
				defer at.Add(-1)
				if j.Payload == "slow" {
					time.Sleep(40 * time.Second)
				}
				time.Sleep(100 * time.Millisecond)
				done.Add(1)
				return nil
			}})
		jobs := []chat.Job{{Kind: "stuck"}, {Kind: "k", Payload: "slow"}}
		for range 60 {
			jobs = append(jobs, chat.Job{Kind: "k"})
		}
		b.add(t, jobs...)
		time.Sleep(5 * time.Second) // 60 in three places take 2 s
		synctest.Wait()
		if most.Load() != 4 || done.Load() != 60 {
			t.Errorf("%d were done, %d at once", done.Load(), most.Load())
		}
	})
}

// TestTwoNodesShare: every job is done by one of the nodes, once; what the other has made is seen.
func TestTwoNodesShare(t *testing.T) {
	o := storetest.Postgres(t)
	b, other := newBench(t, storetest.Open(t, o)), storetest.Open(t, o)
	const n = 300
	var mu sync.Mutex // guards by
	by := map[string]map[string]int{}
	all := make(chan struct{})
	did := 0
	kind := func(node string) job.Kind {
		return job.Kind{Name: "k", AtOnce: 8, Do: func(_ context.Context, j chat.Job) error {
			mu.Lock()
			defer mu.Unlock()
			if by[j.Payload] == nil {
				by[j.Payload] = map[string]int{}
			}
			by[j.Payload][node]++
			if did++; did == n {
				close(all)
			}
			return nil
		}}
	}
	stops := []func(){runOn(t, b.st, "one", nil, kind("one")), runOn(t, other, "two", nil, kind("two"))}
	for i := range n {
		b.add(t, chat.Job{Kind: "k", Payload: fmt.Sprint(i)})
	}
	<-all
	for _, stop := range stops {
		stop()
	}
	for payload, times := range by {
		if times["one"]+times["two"] != 1 {
			t.Errorf("job %s was done %v", payload, times)
		}
	}
	if len(by) != n || len(b.left(t, false)) != 0 {
		t.Errorf("%d of %d jobs were done", len(by), n)
	}
}

// TestOtherNodeIsHeard: a node that does nothing by itself notices what another has made.
func TestOtherNodeIsHeard(t *testing.T) {
	o := storetest.Postgres(t)
	b, other := newBench(t, storetest.Open(t, o)), storetest.Open(t, o)
	done := make(chan time.Time, 1)
	runOn(t, other, "two", nil, job.Kind{Name: "k", Do: func(context.Context, chat.Job) error {
		done <- time.Now()
		return nil
	}})
	b.add(t, chat.Job{Kind: "k"})
	<-done
}

// TestKilledNode: the jobs of a node that died are done by another once their lease is over. Whoever
// wakes up again then can no longer end them.
func TestKilledNode(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		b := newBench(t, storetest.Open(t, o))
		id := b.add(t, chat.Job{Kind: "k"})[0]
		taken, _, err := b.st.LeaseJobs(t.Context(), store.JobLease{
			Kind: "k", Owner: "killed", Limit: 1, For: 2 * time.Second, Attempts: 5,
		})
		if err != nil || len(taken) != 1 {
			t.Fatalf("%+v, %v", taken, err)
		}
		over := time.UnixMilli(taken[0].DueAt)
		done := make(chan chat.Job, 1)
		var st *store.Store
		if o.DSN == "" {
			st = b.st // the one process there can be; ReleaseJobs has its own test
		} else {
			st = storetest.Open(t, o)
		}
		stop := runOn(t, st, "other", nil, job.Kind{Name: "k", Lease: 100 * time.Millisecond, Do: func(_ context.Context, j chat.Job) error {
			done <- j
			return nil
		}})
		j := <-done
		if now := time.Now(); now.Before(over) || j.ID != id || j.Attempts != 2 {
			t.Errorf("%+v was taken %v before the lease was over", j, over.Sub(now))
		}
		stop()
		if ok, err := b.st.EndJob(t.Context(), taken[0]); ok || err != nil {
			t.Errorf("the first one ended it, too: %v, %v", ok, err)
		}
		if left := b.left(t, false); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
	})
}

// TestRestart: where there can be one process only, what it was at when it was killed is done at its
// next start, before the lease is over. A job that kills it each time is given up.
func TestRestart(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.add(t, chat.Job{Kind: "k"})
		kind := job.Kind{Name: "k", Lease: time.Hour, Attempts: 2, Do: func(context.Context, chat.Job) error { return nil }}
		lease := store.JobLease{Kind: "k", Owner: "killed", Limit: 1, For: time.Hour, Attempts: 2}
		if taken, _, err := b.st.LeaseJobs(t.Context(), lease); err != nil || len(taken) != 1 {
			t.Fatalf("%+v, %v", taken, err)
		}
		stop := runOn(t, b.st, "again", nil, kind)
		time.Sleep(time.Second)
		stop()
		if left := b.left(t, false); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
		b.add(t, chat.Job{Kind: "k", Payload: "kills"})
		for range 2 {
			if err := b.st.ReleaseJobs(t.Context(), "k", time.Hour); err != nil {
				t.Fatal(err)
			}
			if taken, _, err := b.st.LeaseJobs(t.Context(), lease); err != nil || len(taken) != 1 {
				t.Fatalf("%+v, %v", taken, err)
			}
		}
		runOn(t, b.st, "again", nil, kind)
		time.Sleep(time.Second)
		synctest.Wait()
		if dead := b.left(t, true); len(dead) != 1 || dead[0].Payload != "kills" || dead[0].LastError == "" {
			t.Errorf("given up: %+v", dead)
		}
	})
}
