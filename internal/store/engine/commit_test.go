package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"parlor/internal/store/engine"
)

func TestOneFailingWorkHarmsNoOther(t *testing.T) {
	mine := errors.New("a reason of its own")
	says := func(text string) func(error) bool {
		return func(err error) bool { return err != nil && strings.Contains(err.Error(), text) }
	}
	failures := []struct {
		name string
		fail func(context.Context, engine.Tx) error
		want func(error) bool
	}{
		{"error", func(context.Context, engine.Tx) error { return mine }, func(err error) bool { return errors.Is(err, mine) }},
		{"panic", func(context.Context, engine.Tx) error { panic("oh no") }, says("oh no")},
		{"runtime panic", func(context.Context, engine.Tx) error { return []error{nil}[len(mine.Error())] }, says("index")},
		{"SQL error", breaks, says("")},
		{"two SQL errors", func(ctx context.Context, tx engine.Tx) error {
			return errors.Join(breaks(ctx, tx), breaks(ctx, tx))
		}, says("")},
		// A work that takes no notice of an SQL error may fail or not, as the engine has
		// it; it must not take others with it.
		{"SQL error ignored", func(ctx context.Context, tx engine.Tx) error { _ = breaks(ctx, tx); return nil }, nil},
	}
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		var sizes sizes
		lanes := start(t, eng, engine.Options[*job]{Observe: sizes.observe})
		for i, tt := range failures {
			t.Run(tt.name, func(t *testing.T) {
				g := shut(lanes)
				good := []<-chan error{queued(t.Context(), t, lanes, makes(fmt.Sprint("before", i)))}
				bad := queued(t.Context(), t, lanes, &job{run: func(ctx context.Context, tx engine.Tx) error {
					if err := making(fmt.Sprint("undone", i))(ctx, tx); err != nil {
						return err
					}
					return tt.fail(ctx, tx)
				}})
				good = append(good, queued(t.Context(), t, lanes, makes(fmt.Sprint("after", i))))
				sizes.reset()
				g.release(t)
				for _, err := range good {
					if err := <-err; err != nil {
						t.Errorf("another work of the same commit: %v", err)
					}
				}
				err := <-bad
				if tt.want != nil && !tt.want(err) {
					t.Errorf("the failing work: %v", err)
				}
				if !slices.Contains(sizes.all(), 3) {
					t.Errorf("commits of %v works; the three were meant to share one", sizes.all())
				}
				for _, name := range []string{"before", "after"} {
					if !exists(t, eng, fmt.Sprint(name, i)) {
						t.Errorf("the thing %q is not there", name)
					}
				}
				if exists(t, eng, fmt.Sprint("undone", i)) != (err == nil) {
					t.Errorf("the failing work answered %v, but its thing says otherwise", err)
				}
			})
		}
	})
}

// TestAnswerComesAfterTheCommit: when a work is handed on, others can read what it did, and
// its caller has not been answered yet.
func TestAnswerComesAfterTheCommit(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		var answered atomic.Bool
		handedOn := 0
		lanes := start(t, eng, engine.Options[*job]{Settled: func(works []*job, how engine.Outcome) {
			handedOn += len(works)
			if how != engine.Committed || !exists(t, eng, "thing") {
				t.Errorf("a work is handed on before its commit, or as %v", how)
			}
			if answered.Load() {
				t.Error("its caller is ahead of what is handed on")
			}
		}})
		_, err := lanes.Write(t.Context(), 0, &job{run: func(ctx context.Context, tx engine.Tx) error {
			err := making("thing")(ctx, tx)
			if exists(t, eng, "thing") {
				t.Error("others see what is not committed")
			}
			return err
		}})
		answered.Store(true)
		if err != nil || handedOn != 1 {
			t.Errorf("handed on: %d, %v", handedOn, err)
		}
	})
}

// TestWorkThatFailsIsNotHandedOn: not even beside others that do.
func TestWorkThatFailsIsNotHandedOn(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		var handedOn []string
		lanes := start(t, open(t, c), engine.Options[*job]{Settled: func(works []*job, how engine.Outcome) {
			for _, j := range works {
				handedOn = append(handedOn, j.name)
			}
		}})
		g := shut(lanes)
		var answers []<-chan error
		for _, j := range []*job{{name: "bad", run: breaks}, makes("good"), {name: "worse", run: breaks}} {
			answers = append(answers, queued(t.Context(), t, lanes, j))
		}
		g.release(t)
		for i, answer := range answers {
			if err := <-answer; (err == nil) != (i == 1) {
				t.Errorf("job %d: %v", i, err)
			}
		}
		lanes.Wait()
		if want := []string{"", "good"}; !slices.Equal(handedOn, want) { // the first is the gate
			t.Errorf("handed on: %q, want %q", handedOn, want)
		}
	})
}

// broken is an engine whose commits can fail and whose opinion of errors is the test's.
type broken struct {
	engine.Engine
	commit func(engine.Tx) error // in the place of Tx.Commit, if set
	unsure bool
	again  error // one that Retryable is true for
}

func (b *broken) Unsure(error) bool        { return b.unsure }
func (b *broken) Retryable(err error) bool { return b.again != nil && errors.Is(err, b.again) }
func (b *broken) Begin(ctx context.Context) (engine.Tx, error) {
	tx, err := b.Engine.Begin(ctx)
	if err != nil || b.commit == nil {
		return tx, err
	}
	return brokenTx{tx, b}, nil
}

type brokenTx struct {
	engine.Tx
	broken *broken
}

func (t brokenTx) Commit(context.Context) error { return t.broken.commit(t.Tx) }

// TestFailedCommit: everybody in it learns whether it is certain that nothing is stored, and
// what may have happened is handed on as that.
func TestFailedCommit(t *testing.T) {
	lost := errors.New("lost")
	for _, tt := range []struct {
		name         string
		unsure, took bool
		want         engine.Outcome
	}{
		{name: "certain", want: engine.Failed},
		{name: "unsure, and it did not take place", unsure: true, want: engine.Unsure},
		{name: "unsure, and it took place", unsure: true, took: true, want: engine.Unsure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, c engine.Config) {
				eng := &broken{Engine: open(t, c), unsure: tt.unsure}
				outcomes := map[string]engine.Outcome{}
				lanes := start(t, eng, engine.Options[*job]{Settled: func(works []*job, how engine.Outcome) {
					for _, j := range works {
						outcomes[j.name] = how
					}
				}})
				write(t, lanes, makes("before"))
				eng.commit = func(tx engine.Tx) error {
					if tt.took {
						return errors.Join(lost, tx.Commit(context.Background()))
					}
					return lost
				}
				g := make(chan error, 1)
				go func() {
					_, err := lanes.Write(t.Context(), 0, makes("thing"))
					g <- err
				}()
				err := <-g
				if !errors.Is(err, lost) || errors.Is(err, engine.ErrUnsure) != tt.unsure {
					t.Errorf("the answer: %v", err)
				}
				if got := outcomes["thing"]; got != tt.want {
					t.Errorf("handed on as %v, want %v", got, tt.want)
				}
				if exists(t, eng, "thing") != tt.took {
					t.Errorf("stored: %t", !tt.took)
				}
				eng.commit = nil
				write(t, lanes, makes("after"))
			})
		})
	}
}

// TestRepeated: a work that the engine wants to have run again is, so many times and no more.
func TestRepeated(t *testing.T) {
	again := errors.New("once more")
	each(t, func(t *testing.T, c engine.Config) {
		eng := &broken{Engine: open(t, c), again: again}
		lanes := start(t, eng, engine.Options[*job]{})
		for _, tt := range []struct{ failures, runs int }{{0, 1}, {2, 3}, {100, engine.MaxTries}} {
			name, runs := fmt.Sprint(tt.failures), 0
			_, err := lanes.Write(t.Context(), 0, &job{run: func(ctx context.Context, tx engine.Tx) error {
				if err := making(name)(ctx, tx); err != nil {
					return err
				}
				if runs++; runs <= tt.failures {
					return again
				}
				return nil
			}})
			if runs != tt.runs {
				t.Errorf("%d failures: run %d times, want %d", tt.failures, runs, tt.runs)
			}
			if worked := tt.failures < tt.runs; (err == nil) != worked || exists(t, eng, name) != worked {
				t.Errorf("%d failures: %v", tt.failures, err)
			}
		}
	})
}
