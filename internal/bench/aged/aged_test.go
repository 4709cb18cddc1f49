package aged_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"parlor/internal/bench/aged"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/pgtest"
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		defer pgtest.StopShared()
		return m.Run()
	}())
}

// A database that was left half filled is filled further, to the message, and what is in it is
// what a server would have left.
func TestFill(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		fill := func(ctx context.Context, messages int64, progress func(aged.Progress)) error {
			return aged.Fill(ctx, aged.Options{
				Path: o.Path, DSN: o.DSN, Messages: messages, Rooms: 20, Progress: progress,
			})
		}
		// The first one is interrupted as soon as there are some.
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := fill(ctx, 100_000_000, func(p aged.Progress) {
			if p.Done > 50 {
				cancel()
			}
		})
		if err == nil {
			t.Fatal("an interrupted filling succeeded")
		}
		had := len(storetest.LocalIDs(t, o))
		want := int64(had + 1001)
		var last aged.Progress
		if err := fill(t.Context(), want, func(p aged.Progress) { last = p }); err != nil {
			t.Fatal(err)
		}
		for _, again := range []int64{want, 1} { // there is enough already
			if err := fill(t.Context(), again, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := int64(len(storetest.LocalIDs(t, o))); got != want || last.Done != want || had < 50 {
			t.Errorf("%d messages after %d, told of %d, want %d", got, had, last.Done, want)
		}
		storetest.Audit(t, o)
	})
}

// A server keeps others off its folder, and so it is kept off what is being filled.
func TestFillBesideServer(t *testing.T) {
	o := storetest.SQLite(t)
	f, err := os.OpenFile(filepath.Join(filepath.Dir(o.Path), "parlor.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	err = aged.Fill(t.Context(), aged.Options{Path: o.Path, Messages: 10, Rooms: 10})
	if err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("error %v, want one of the server", err)
	}
}
