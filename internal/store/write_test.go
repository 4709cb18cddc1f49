package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

func TestOneFailingWriteHarmsNoOther(t *testing.T) {
	mine := errors.New("a reason of its own")
	failures := []struct {
		name string
		fail func(context.Context, *store.Tx) error
		want func(error) bool
	}{
		{"error", func(context.Context, *store.Tx) error { return mine }, func(err error) bool { return errors.Is(err, mine) }},
		{"panic", func(context.Context, *store.Tx) error { panic("oh no") }, func(err error) bool { return err != nil && strings.Contains(err.Error(), "oh no") }},
		{"runtime panic", func(context.Context, *store.Tx) error { return []error{nil}[len(mine.Error())] }, func(err error) bool { return err != nil }},
		{"SQL error", breakConstraint, func(err error) bool { return chat.CodeOf(err) == chat.CodeInternal }},
		{"two SQL errors", func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(breakConstraint(ctx, tx), breakConstraint(ctx, tx))
		}, func(err error) bool { return chat.CodeOf(err) == chat.CodeInternal }},
		// A write that takes no notice of an SQL error may fail or not, as the engine
		// has it; it must not take others with it.
		{"SQL error ignored", func(ctx context.Context, tx *store.Tx) error { _ = breakConstraint(ctx, tx); return nil }, nil},
	}
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var sizes sizes
		o.Observe = sizes.observe
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		for i, tt := range failures {
			t.Run(tt.name, func(t *testing.T) {
				g := shut(t, st)
				good := []<-chan error{queued(t.Context(), t, st, createRoom(app, fmt.Sprint("before", i)))}
				bad := queued(t.Context(), t, st, func(ctx context.Context, tx *store.Tx) error {
					if err := createRoom(app, fmt.Sprint("undone", i))(ctx, tx); err != nil {
						return err
					}
					return tt.fail(ctx, tx)
				})
				good = append(good, queued(t.Context(), t, st, createRoom(app, fmt.Sprint("after", i))))
				sizes.reset()
				g.release(t)
				for _, err := range good {
					if err := <-err; err != nil {
						t.Errorf("another write of the same commit: %v", err)
					}
				}
				err := <-bad
				if tt.want != nil && !tt.want(err) {
					t.Errorf("the failing write: %v", err)
				}
				if !slices.Contains(sizes.all(), 3) {
					t.Errorf("commits of %v writes; the three were meant to share one", sizes.all())
				}
				for _, xc := range []string{"before", "after"} {
					if !exists(t, st, app, fmt.Sprint(xc, i)) {
						t.Errorf("the room %q is not there", xc)
					}
				}
				if exists(t, st, app, fmt.Sprint("undone", i)) != (err == nil) {
					t.Errorf("the failing write answered %v, but its room says otherwise", err)
				}
			})
		}
	})
}

func TestFullQueue(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		o.Queue = 16
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		g := shut(t, st)
		var accepted []<-chan error
		refused := make(chan error, 1)
		for full := false; !full; {
			// The call either waits in the queue or comes back while the lane is still
			// held up, which is what "at once" means here.
			xc, before := fmt.Sprint(len(accepted)), st.Waiting()
			answer := make(chan error, 1)
			go func() { answer <- st.Write(context.Background(), 0, createRoom(app, xc)) }()
			eventually(t, "the write is queued or refused", func() bool {
				full = len(answer) > 0
				return full || st.Waiting() > before
			})
			if full {
				refused <- <-answer
			} else {
				accepted = append(accepted, answer)
			}
		}
		wantCode(t, "the write after a full queue", <-refused, chat.CodeUnavailable)
		if n := len(accepted); n == 0 || n > 16 {
			t.Errorf("%d writes were let into a queue of 16", n)
		}
		g.release(t)
		for i, err := range accepted {
			if err := <-err; err != nil || !exists(t, st, app, fmt.Sprint(i)) {
				t.Errorf("accepted write %d: %v", i, err)
			}
		}
		if exists(t, st, app, fmt.Sprint(len(accepted))) {
			t.Error("the refused write was stored")
		}
		write(t, st, 0, createRoom(app, "afterwards"))
	})
}

func TestCallerLeavesBeforeItsWriteBegins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		reason := errors.New("had enough")
		g := shut(t, st)
		ctx, leave := context.WithCancelCause(t.Context())
		var ran atomic.Bool
		left := queued(ctx, t, st, func(ctx context.Context, tx *store.Tx) error {
			ran.Store(true)
			return createRoom(app, "left")(ctx, tx)
		})
		stays := queued(t.Context(), t, st, createRoom(app, "stays"))
		leave(reason)
		if err := <-left; !errors.Is(err, reason) { // while the lane is still held up
			t.Errorf("the caller that left got %v", err)
		}
		g.release(t)
		if err := <-stays; err != nil {
			t.Errorf("the caller that stayed got %v", err)
		}
		if ran.Load() || exists(t, st, app, "left") {
			t.Error("the write of the caller that left was done")
		}
	})
}

// TestCallerIsGoneFromTheStart: nothing happens, even when the lane is faster than the
// caller, who is held up at the worst moment.
func TestCallerIsGoneFromTheStart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		ctx, leave := context.WithCancel(t.Context())
		leave()
		slow := heldUp{ctx, func() {
			// Whatever was queued before this is done after it.
			write(t, st, 0, func(context.Context, *store.Tx) error { return nil })
		}}
		if err := st.Write(slow, 0, createRoom(app, "gone")); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller got %v", err)
		}
		if exists(t, st, app, "gone") {
			t.Error("the write was done")
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

func TestCallerLeavesDuringItsWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		ctx, leave := context.WithCancel(t.Context())
		begun, goOn := make(chan struct{}), make(chan struct{})
		finished := make(chan error, 1)
		go func() {
			finished <- st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				close(begun)
				<-goOn
				if ctx.Err() != nil {
					t.Error("the caller's leaving ended the context of the commit, which others may share")
				}
				return createRoom(app, "r")(ctx, tx)
			})
		}()
		<-begun
		leave()
		other := queued(t.Context(), t, st, createRoom(app, "other"))
		close(goOn)
		if err := <-other; err != nil {
			t.Errorf("the next write: %v", err)
		}
		// Either answer is right, as long as a success was one.
		if err := <-finished; err == nil && !exists(t, st, app, "r") {
			t.Error("acknowledged, and yet not there")
		}
	})
}

func TestClose(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		app := makeApp(t, st, "a")
		g := shut(t, st)
		var waiting []<-chan error
		for i := range 5 {
			waiting = append(waiting, queued(t.Context(), t, st, createRoom(app, fmt.Sprint(i))))
		}
		closed := make(chan error, 1)
		go func() { closed <- st.Close() }()
		// Writes come too late as soon as Close has begun; those that made it wait.
		late := 0
		eventually(t, "writes are refused", func() bool {
			ctx, leave := context.WithCancel(t.Context())
			leave()
			late++
			return chat.CodeOf(st.Write(ctx, 0, createRoom(app, fmt.Sprint("late", late)))) == chat.CodeUnavailable
		})
		g.release(t)
		for i, err := range waiting {
			if err := <-err; err != nil {
				t.Errorf("write %d, which waited when the store was closed: %v", i, err)
			}
		}
		if err := <-closed; err != nil {
			t.Errorf("close: %v", err)
		}
		wantCode(t, "a write after Close", st.Write(t.Context(), 0, createRoom(app, "too late")), chat.CodeUnavailable)

		st = storetest.Open(t, o)
		for i := range waiting {
			if !exists(t, st, app, fmt.Sprint(i)) {
				t.Errorf("write %d was acknowledged and is not there", i)
			}
		}
		if exists(t, st, app, "too late") {
			t.Error("a refused write is there")
		}
	})
}

func TestLoneWriteDoesNotWait(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var commit atomic.Int64 // how long the last one took
		o.Observe = func(_ int, took time.Duration) { commit.Store(int64(took)) }
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		const n = 31
		var waits []time.Duration // apart from the commit itself
		for i := range n {
			start := time.Now()
			write(t, st, 0, createRoom(app, fmt.Sprint(i)))
			waits = append(waits, time.Since(start)-time.Duration(commit.Load()))
		}
		slices.Sort(waits)
		// The median, for a busy machine may hold up any single one.
		if waits[n/2] > 2*time.Millisecond {
			t.Errorf("a lone write waits %s before and after its commit", waits[n/2])
		}
	})
}

func TestConcurrentWritesShareCommits(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var sizes sizes
		o.Observe, o.Batch = sizes.observe, 32
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		sizes.reset()
		const writers, each = 64, 10
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for n := range each {
					if err := st.Write(t.Context(), int64(i), createRoom(app, fmt.Sprint(i, " ", n))); err != nil {
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
			t.Errorf("%d writes in %d commits of at most %d; want %d, in at most half as many of at most 32",
				sum, commits, slices.Max(sizes.all()), writers*each)
		}
	})
}

func TestWritesOfAShardKeepTheirOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		g := shut(t, st)
		var order []int // written by one lane only
		var answers []<-chan error
		for i := range 20 {
			answers = append(answers, queued(t.Context(), t, st, func(context.Context, *store.Tx) error {
				order = append(order, i)
				return nil
			}))
		}
		g.release(t)
		for _, err := range answers {
			if err := <-err; err != nil {
				t.Fatal(err)
			}
		}
		if !slices.IsSorted(order) || len(order) != 20 {
			t.Errorf("the writes ran in the order %v", order)
		}
	})
}

func TestNoGoroutineOutlivesClose(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		before := goleak.IgnoreCurrent()
		st, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		app := makeApp(t, st, "a")
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				xc := fmt.Sprint(i)
				_ = st.Write(t.Context(), int64(i), createRoom(app, xc))
				_ = st.Write(t.Context(), int64(i), breakConstraint)
				_ = st.Write(t.Context(), int64(i), func(context.Context, *store.Tx) error { panic("oh no") })
				_, _ = st.Room(t.Context(), app.ID, xc)
				_, _ = st.Apps(t.Context())
				_ = st.Health(t.Context())
			})
		}
		wg.Wait()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		goleak.VerifyNone(t, before)
	})
}
