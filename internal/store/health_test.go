package store

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestHealthNeedsRoomAfterAFailure: once a write has failed, it takes a large one to look
// well again, and every time anew: on a disk that is all but full a small one proves
// nothing. What counts is what reaches the disk, which both engines keep small when they
// can.
func TestHealthNeedsRoomAfterAFailure(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		written := func() (n int64) {
			t.Helper()
			if o.DSN == "" {
				info, err := os.Stat(o.Path + "-wal")
				if err != nil {
					t.Fatal(err)
				}
				return info.Size()
			}
			if err := sp.engine.row(t.Context(), "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for i := range 3 {
			failure := errors.New("the last write failed")
			st.writer.lastErr.Store(&failure)
			before := written()
			if err := st.Health(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := written() - before; got < probeBytes {
				t.Errorf("probe %d wrote %d bytes, want at least %d", i, got, probeBytes)
			}
			before = written()
			if err := st.Health(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := written() - before; o.DSN == "" && got > probeBytes/4 {
				t.Errorf("the question after a good probe wrote %d bytes", got)
			}
		}
	})
}

// TestNothingDoneProvesNothing: a commit without a single write, because its caller had
// left, does not make a failed database look well.
func TestNothingDoneProvesNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		var st *Store
		failure := errors.New("the last write failed")
		commits := make(chan struct{}, 2)
		var once sync.Once
		o.Observe = func(int, time.Duration) { // called by the lane, between two commits
			once.Do(func() { st.writer.lastErr.Store(&failure) })
			commits <- struct{}{}
		}
		st, _ = openSpied(t, o, false)
		begun, goOn, held := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			held <- st.Write(t.Context(), 0, func(context.Context, *Tx) error {
				close(begun)
				<-goOn
				return nil
			})
		}()
		<-begun
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { left <- st.Write(ctx, 0, func(context.Context, *Tx) error { return nil }) }()
		for st.Waiting() == 0 {
			runtime.Gosched()
		}
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Fatalf("the caller that left got %v", err)
		}
		close(goOn)
		if err := <-held; err != nil {
			t.Fatal(err)
		}
		<-commits
		select {
		case <-commits: // of the write that was given up
		case <-time.After(time.Second): // nor need there be one
		}
		if st.writer.lastErr.Load() == nil {
			t.Error("a commit of nothing counts as a proof that writing works")
		}
	})
}
