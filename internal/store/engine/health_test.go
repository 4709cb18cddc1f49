package engine_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"parlor/internal/store/engine"
)

// TestHealthNeedsRoomAfterAFailure: once a write has failed, it takes a large one to look
// well again, and every time anew: on a disk that is all but full a small one proves
// nothing. What counts is what reaches the disk, which both engines keep small when they
// can.
func TestHealthNeedsRoomAfterAFailure(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		written := func() (n int64) {
			t.Helper()
			if c.DSN == "" {
				info, err := os.Stat(c.Path + "-wal")
				if err != nil {
					t.Fatal(err)
				}
				return info.Size()
			}
			if err := eng.Row(t.Context(), "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		check := func() {
			t.Helper()
			if err := engine.CheckRead(t.Context(), eng); err != nil {
				t.Fatal(err)
			}
			if taken, err := lanes.CheckWrite(t.Context()); err != nil || !taken {
				t.Fatalf("taken: %t, %v", taken, err)
			}
		}
		for i := range 3 {
			lanes.NoteFailure(errors.New("the last write failed"))
			before := written()
			check()
			if got := written() - before; got < engine.ProbeBytes {
				t.Errorf("probe %d wrote %d bytes, want at least %d", i, got, engine.ProbeBytes)
			}
			before = written()
			check()
			if got := written() - before; c.DSN == "" && got > engine.ProbeBytes/4 {
				t.Errorf("the question after a good probe wrote %d bytes", got)
			}
		}
	})
}

// TestNothingDoneProvesNothing: a commit without a single work, because its caller had
// left, does not make a failed database look well.
func TestNothingDoneProvesNothing(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		var lanes *engine.Lanes[*job]
		commits := make(chan struct{}, 2)
		var once sync.Once
		lanes = start(t, open(t, c), engine.Options[*job]{Observe: func(int, time.Duration) { // between two commits
			once.Do(func() { lanes.NoteFailure(errors.New("the last write failed")) })
			commits <- struct{}{}
		}})
		g := shut(lanes)
		ctx, leave := context.WithCancel(t.Context())
		left := queued(ctx, t, lanes, makes("left"))
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Fatalf("the caller that left got %v", err)
		}
		g.release(t)
		<-commits
		lanes.Close() // the work that was given up is behind it
		if lanes.LastFailure() == nil {
			t.Error("a commit of nothing counts as a proof that writing works")
		}
	})
}
