package bench

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func ofWorkers(n int, do func(worker int) error) load {
	return load{name: "test", workers: n, open: func(_ context.Context, worker int) (func() error, func(), error) {
		return func() error { return do(worker) }, func() {}, nil
	}}
}

func nothing(*window) {}

// Two workers, one of which takes twice as long: what ends in the window counts, what
// ends in the warm-up does not.
func TestLoadCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ofWorkers(2, func(worker int) error {
			time.Sleep(time.Duration(worker+1) * 10 * time.Millisecond)
			return nil
		})
		var seconds float64
		l.cpu = func(context.Context) (float64, error) {
			seconds += 3
			return seconds, nil
		}
		// Off the beat, so that nothing ends exactly with the window.
		r, err := l.run(t.Context(), 1005*time.Millisecond, nothing)
		if err != nil {
			t.Fatal(err)
		}
		if r.Operations < 149 || r.Operations > 151 || r.Seconds != 1.005 {
			t.Errorf("%d operations in %v s, want 150 in 1.005", r.Operations, r.Seconds)
		}
		if r.P50 != 10 || r.P95 != 20 || r.P99 != 20 || r.Max != 20 {
			t.Errorf("latencies %+v", r)
		}
		if r.CPU == nil || *r.CPU < 19 || *r.CPU > 21 { // 3 s for 150 operations
			t.Errorf("processor time %v per 1,000, want 20", r.CPU)
		}
	})
}

func TestLoadSlowerThanItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ofWorkers(3, func(int) error { time.Sleep(time.Second); return nil })
		r, err := l.run(t.Context(), 100*time.Millisecond, nothing)
		if err != nil {
			t.Fatal(err)
		}
		// All three end at the same moment, after the end of the window.
		if r.Operations != 3 || r.P50 != 1000 || r.Seconds < 1 || r.Seconds > 1.2 {
			t.Errorf("%+v, want an operation of a second by each", r)
		}
	})
}

func TestLoadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("the server said no")
		var calls atomic.Int64
		l := ofWorkers(8, func(int) error {
			time.Sleep(time.Millisecond)
			if calls.Add(1) == 100 {
				return broken
			}
			return nil
		})
		start := time.Now()
		if _, err := l.run(t.Context(), time.Hour, nothing); !errors.Is(err, broken) {
			t.Errorf("error %v, want that of the call", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("it went on for %v", took)
		}
	})
}

func TestLoadInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		l := ofWorkers(8, func(int) error { time.Sleep(time.Millisecond); return nil })
		l.cpu = func(context.Context) (float64, error) { return 0, nil }
		if _, err := l.run(ctx, time.Hour, nothing); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestLoadCannotBegin(t *testing.T) {
	closed := 0
	l := load{workers: 3, open: func(_ context.Context, worker int) (func() error, func(), error) {
		if worker == 2 {
			return nil, nil, errors.New("no port is left")
		}
		return func() error { return nil }, func() { closed++ }, nil
	}}
	if _, err := l.run(t.Context(), time.Hour, nothing); err == nil || !strings.Contains(err.Error(), "no port is left") {
		t.Errorf("error %v", err)
	}
	if closed != 2 {
		t.Errorf("%d workers were closed, want the 2 that were open", closed)
	}
}

func TestStrides(t *testing.T) {
	for _, n := range []int{1, 10, 50, 100, 1000, 100_000} {
		seen := make([]bool, n)
		next := strides(63, n)
		for range n {
			seen[next()] = true
		}
		for i, s := range seen {
			if !s {
				t.Errorf("%d of %d is never reached", i, n)
				break
			}
		}
	}
}

func TestOneIn(t *testing.T) {
	for _, n := range []int{50, 500, 1000, 100_000} {
		for _, length := range []int{10, 50} {
			got := 0
			for i := range n {
				if oneIn(n/length, i) {
					got++
				}
			}
			if got != length {
				t.Errorf("a list among %d rooms has %d, want %d", n, got, length)
			}
		}
	}
}
