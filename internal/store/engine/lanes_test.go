package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parlor/internal/store/engine"
)

func TestFullQueue(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{Queue: 16})
		g := shut(lanes)
		var accepted []<-chan error
		var refused error
		for full := false; !full; {
			// The call either waits in the queue or comes back while the lane is still
			// held up, which is what "at once" means here.
			name, before := fmt.Sprint(len(accepted)), lanes.Waiting()
			answer := make(chan error, 1)
			go func() {
				taken, err := lanes.Write(context.Background(), 0, makes(name))
				if taken != (err == nil) {
					t.Errorf("taken: %t, %v", taken, err)
				}
				answer <- err
			}()
			eventually(t, "the job is queued or refused", func() bool {
				full = len(answer) > 0
				return full || lanes.Waiting() > before
			})
			if full {
				refused = <-answer
			} else {
				accepted = append(accepted, answer)
			}
		}
		if !errors.Is(refused, engine.ErrQueueFull) {
			t.Errorf("the job after a full queue: %v", refused)
		}
		if n := len(accepted); n == 0 || n > 16 {
			t.Errorf("%d jobs were let into a queue of 16", n)
		}
		g.release(t)
		for i, err := range accepted {
			if err := <-err; err != nil || !exists(t, eng, fmt.Sprint(i)) {
				t.Errorf("accepted job %d: %v", i, err)
			}
		}
		if exists(t, eng, fmt.Sprint(len(accepted))) {
			t.Error("the refused job was done")
		}
		write(t, lanes, makes("afterwards"))
	})
}

func TestCallerLeavesBeforeItsWorkBegins(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		reason := errors.New("had enough")
		g := shut(lanes)
		ctx, leave := context.WithCancelCause(t.Context())
		var ran atomic.Bool
		left := queued(ctx, t, lanes, &job{run: func(ctx context.Context, tx engine.Tx) error {
			ran.Store(true)
			return making("left")(ctx, tx)
		}})
		stays := queued(t.Context(), t, lanes, makes("stays"))
		leave(reason)
		if err := <-left; !errors.Is(err, reason) { // while the lane is still held up
			t.Errorf("the caller that left got %v", err)
		}
		g.release(t)
		if err := <-stays; err != nil {
			t.Errorf("the caller that stayed got %v", err)
		}
		if ran.Load() || exists(t, eng, "left") {
			t.Error("the work of the caller that left was done")
		}
	})
}

// TestCallerIsGoneFromTheStart: nothing happens, even when the lane is faster than the
// caller, who is held up at the worst moment.
func TestCallerIsGoneFromTheStart(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		ctx, leave := context.WithCancel(t.Context())
		leave()
		slow := heldUp{ctx, func() {
			// Whatever was queued before this is done after it.
			write(t, lanes, &job{run: func(context.Context, engine.Tx) error { return nil }})
		}}
		if taken, err := lanes.Write(slow, 0, makes("gone")); taken || !errors.Is(err, context.Canceled) {
			t.Errorf("taken: %t, %v", taken, err)
		}
		if exists(t, eng, "gone") {
			t.Error("the work was done")
		}
	})
}

// heldUp is a context that lets something happen before it says that it has ended.
type heldUp struct {
	context.Context
	first func()
}

func (c heldUp) Done() <-chan struct{} {
	c.first()
	return c.Context.Done()
}

func TestCallerLeavesDuringItsWork(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		ctx, leave := context.WithCancel(t.Context())
		begun, goOn := make(chan struct{}), make(chan struct{})
		finished := make(chan error, 1)
		go func() {
			_, err := lanes.Write(ctx, 0, &job{run: func(ctx context.Context, tx engine.Tx) error {
				close(begun)
				<-goOn
				if ctx.Err() != nil {
					t.Error("the caller's leaving ended the context of the commit, which others may share")
				}
				return making("thing")(ctx, tx)
			}})
			finished <- err
		}()
		<-begun
		leave()
		other := queued(t.Context(), t, lanes, makes("other"))
		close(goOn)
		if err := <-other; err != nil {
			t.Errorf("the next job: %v", err)
		}
		if err := <-finished; err != nil || !exists(t, eng, "thing") {
			t.Errorf("the outcome of work that had begun: %v", err)
		}
	})
}

func TestClose(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		g := shut(lanes)
		var waiting []<-chan error
		for i := range 5 {
			waiting = append(waiting, queued(t.Context(), t, lanes, makes(fmt.Sprint(i))))
		}
		closed := make(chan struct{})
		go func() { lanes.Close(); close(closed) }()
		// Works come too late as soon as Close has begun; those that made it wait.
		gone, leave := context.WithCancel(t.Context())
		leave()
		eventually(t, "works are refused", func() bool {
			_, err := lanes.Write(gone, 0, makes("late"))
			return errors.Is(err, engine.ErrClosed)
		})
		g.release(t)
		for i, err := range waiting {
			if err := <-err; err != nil || !exists(t, eng, fmt.Sprint(i)) {
				t.Errorf("job %d, which waited when the lanes were closed: %v", i, err)
			}
		}
		<-closed
		if taken, err := lanes.Write(t.Context(), 0, makes("too late")); taken || !errors.Is(err, engine.ErrClosed) {
			t.Errorf("after Close: taken %t, %v", taken, err)
		}
		if exists(t, eng, "too late") {
			t.Error("a refused job was done")
		}
	})
}

func TestLoneWorkDoesNotWait(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		var commit atomic.Int64 // how long the last one took
		lanes := start(t, open(t, c), engine.Options[*job]{
			Observe: func(_ int, took time.Duration) { commit.Store(int64(took)) },
		})
		const n = 31
		var waits []time.Duration // apart from the commit itself
		for i := range n {
			begin := time.Now()
			write(t, lanes, makes(fmt.Sprint(i)))
			waits = append(waits, time.Since(begin)-time.Duration(commit.Load()))
		}
		slices.Sort(waits)
		// The median, for a busy machine may hold up any single one.
		if waits[n/2] > 2*time.Millisecond {
			t.Errorf("a lone work waits %s before and after its commit", waits[n/2])
		}
	})
}

func TestConcurrentWorksShareCommits(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		var sizes sizes
		lanes := start(t, open(t, c), engine.Options[*job]{Observe: sizes.observe, Batch: 32})
		const writers, each = 64, 10
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for n := range each {
					if _, err := lanes.Write(t.Context(), int64(i), makes(fmt.Sprint(i, " ", n))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		sum := 0
		for _, n := range sizes.all() {
			sum += n
		}
		if commits := len(sizes.all()); sum != writers*each || commits > sum/2 || slices.Max(sizes.all()) > 32 {
			t.Errorf("%d works in %d commits of at most %d; want %d, in at most half as many of at most 32",
				sum, commits, slices.Max(sizes.all()), writers*each)
		}
	})
}

// TestOrder: the works of a shard run in the order of their calls, and are handed on in it.
func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		var handedOn []string // written by one lane only
		lanes := start(t, open(t, c), engine.Options[*job]{Settled: func(works []*job, how engine.Outcome) {
			for _, j := range works {
				handedOn = append(handedOn, j.name)
			}
		}})
		g := shut(lanes)
		var order, want []string
		var answers []<-chan error
		for i := range 20 {
			name := fmt.Sprintf("%02d", i)
			want = append(want, name)
			answers = append(answers, queued(t.Context(), t, lanes, &job{name: name, run: func(context.Context, engine.Tx) error {
				order = append(order, name)
				return nil
			}}))
		}
		g.release(t)
		for _, err := range answers {
			if err := <-err; err != nil {
				t.Fatal(err)
			}
		}
		lanes.Wait()
		if !slices.Equal(order, want) {
			t.Errorf("the jobs ran in the order %v", order)
		}
		if got := slices.DeleteFunc(handedOn, func(name string) bool { return name == "" }); !slices.Equal(got, want) {
			t.Errorf("the jobs were handed on in the order %v", got)
		}
	})
}

func TestNoGoroutineOutlivesClose(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		if err := engine.Migrate(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		before := goleak.IgnoreCurrent()
		eng, err := engine.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		lanes := engine.NewLanes(eng, engine.Options[*job]{})
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, _ = lanes.Write(t.Context(), int64(i), makes(fmt.Sprint(i)))
				_, _ = lanes.Write(t.Context(), int64(i), &job{run: breaks})
				_, _ = lanes.Write(t.Context(), int64(i), &job{run: func(context.Context, engine.Tx) error { panic("oh no") }})
				_ = exists(t, eng, "0")
				_, _ = lanes.CheckWrite(t.Context())
			})
		}
		wg.Wait()
		lanes.Close()
		if err := eng.Close(); err != nil {
			t.Fatal(err)
		}
		goleak.VerifyNone(t, before)
	})
}
