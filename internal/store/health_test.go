package store

import (
	"errors"
	"os"
	"testing"
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
