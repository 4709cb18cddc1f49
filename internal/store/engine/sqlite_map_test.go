package engine_test

import (
	"context"
	"os"
	"sync"
	"testing"

	"parlor/internal/store/engine"
)

// TestReadsWhileFileShrinks: readers see a large file through a map, and what lies behind the
// file's end ends the process. So they read all of it while it grows and is cut, again and again.
func TestReadsWhileFileShrinks(t *testing.T) {
	n := newCounted(t)
	if n.scan(`PRAGMA mmap_size`) != 0 {
		t.Error("a small file is read through a map")
	}
	engine.MapFrom(n.eng, 0)
	if n.scan(`PRAGMA mmap_size`) == 0 {
		t.Fatal("a large file is not read through a map")
	}
	n.fold("TRUNCATE")
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	defer func() { stop(); readers.Wait() }()
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				var damaged int
				err := n.eng.Row(ctx, `SELECT COUNT(*) FROM things WHERE length(name) < 500 AND name <> 'first'`).Scan(&damaged)
				if ctx.Err() == nil && (err != nil || damaged > 0) {
					t.Errorf("%d things are damaged, %v", damaged, err)
				}
			}
		})
	}
	cut := 0
	for range 6 {
		before := n.size()
		n.write(`DELETE FROM things WHERE name <> 'first'`)
		n.write(`PRAGMA incremental_vacuum`)
		n.fold("TRUNCATE") // where a reader is in the way, the next one cuts
		if n.size() < before/2 {
			cut++
		}
		n.write(`INSERT INTO things (name, number) WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 1199)
			SELECT i || ' ' || hex(randomblob(500)), 0 FROM k`)
		n.fold("PASSIVE")
	}
	if cut == 0 {
		t.Error("the file was never cut")
	}
}

// size is that of the file.
func (n *counted) size() int64 {
	n.t.Helper()
	info, err := os.Stat(n.path)
	if err != nil {
		n.t.Fatal(err)
	}
	return info.Size()
}
