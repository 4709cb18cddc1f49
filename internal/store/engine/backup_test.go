package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"parlor/internal/store/engine"
)

// TestBackup copies a database that others write to. The copy has every thing whose making
// was answered before, and of what came later no thing without those before it.
func TestBackup(t *testing.T) {
	c := sqlite(t)
	lanes := start(t, open(t, c), engine.Options[*job]{})
	ctx, stop := context.WithCancel(t.Context())
	var made atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if _, err := lanes.Write(context.Background(), 0, makes(fmt.Sprint(made.Load()))); err != nil {
				t.Error(err)
				return
			}
			made.Add(1)
		}
	})
	eventually(t, "things are made", func() bool { return made.Load() >= 100 })
	before := made.Load()
	file := filepath.Join(t.TempDir(), "copy")
	if err := engine.Backup(t.Context(), c.Path, file, engine.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	stop()
	wg.Wait()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is for everybody's eyes: %v (%v)", info.Mode(), err)
	}
	copied := c
	copied.Path = file
	eng := open(t, copied)
	var n, highest int64
	if err := eng.Row(t.Context(), "SELECT COUNT(*), MAX(CAST(name AS INTEGER)) FROM things").Scan(&n, &highest); err != nil {
		t.Fatal(err)
	}
	if n < before || highest != n-1 {
		t.Errorf("%d things up to %d; want at least %d, without gaps", n, highest, before)
	}
	write(t, start(t, eng, engine.Options[*job]{}), makes("into the copy"))
}

func TestBackupRefuses(t *testing.T) {
	c := sqlite(t)
	eng := open(t, c)
	write(t, start(t, eng, engine.Options[*job]{}), makes("thing"))
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name       string
		ctx        context.Context
		path, file string
	}{
		{"a file that exists", t.Context(), c.Path, taken},
		{"the database itself", t.Context(), c.Path, c.Path},
		{"a folder", t.Context(), c.Path, dir},
		{"a folder that is not there", t.Context(), c.Path, filepath.Join(dir, "none", "copy")},
		{"no database", t.Context(), filepath.Join(dir, "none.db"), filepath.Join(dir, "copy")},
		{"a caller that has left", gone, c.Path, filepath.Join(dir, "copy")},
	} {
		if err := engine.Backup(tt.ctx, tt.path, tt.file, engine.BackupOptions{}); err == nil {
			t.Errorf("%s: it was copied", tt.name)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	if b, err := os.ReadFile(taken); err != nil || string(b) != "precious" {
		t.Errorf("the file that was there: %q (%v)", b, err)
	}
	if !exists(t, eng, "thing") {
		t.Error("the database lost something")
	}
}
