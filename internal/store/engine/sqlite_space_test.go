package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"parlor/internal/store/engine"
)

func (n *counted) space() engine.Space {
	n.t.Helper()
	s, ok, err := n.eng.Space(n.t.Context())
	if err != nil || !ok {
		n.t.Fatal(ok, err)
	}
	return s
}

func (n *counted) scan(query string) (value int64) {
	n.t.Helper()
	if err := n.eng.Row(n.t.Context(), query).Scan(&value); err != nil {
		n.t.Fatal(err)
	}
	return value
}

// TestSpaceIsGivenBack: what is deleted is given back to the disk by the commits that follow,
// but for what will be needed soon. Nothing else changes.
func TestSpaceIsGivenBack(t *testing.T) {
	n := newCounted(t)
	engine.KeepFree(n.eng, 16)
	before := n.space()
	n.write(`DELETE FROM things WHERE id % 10 <> 0`)
	deleted := n.space()
	if deleted.Free < before.Data/2 {
		t.Fatalf("%+v, and after the deletion %+v", before, deleted)
	}
	for range 10_000 {
		if n.space().Free <= 16*4096 {
			break
		}
		write(t, n.lanes, &job{run: func(context.Context, engine.Tx) error { return nil }})
	}
	after := n.space()
	if after.Free > 16*4096 || after.Free < 15*4096 || after.Data > deleted.Data {
		t.Errorf("after the deletion %+v, in the end %+v", deleted, after)
	}
	eventually(t, "the file is as large as the database", func() bool {
		n.fold("TRUNCATE") // which does nothing while the log is being folded beside it
		info, err := os.Stat(n.path)
		return err == nil && info.Size() == after.Data+after.Free
	})
	if left := n.scan(`SELECT COUNT(*) FROM things`); left != 120 {
		t.Errorf("%d things are left", left)
	}
	file := filepath.Join(t.TempDir(), "copy")
	if err := engine.Backup(t.Context(), n.path, file, engine.BackupOptions{Check: true}); err != nil {
		t.Error(err)
	}
}

// TestSpaceOfOldDatabase: one that was made without a map of its pages keeps what is free. A
// compact copy has nothing free, and gives back from then on.
func TestSpaceOfOldDatabase(t *testing.T) {
	c := sqlite(t)
	if err := engine.MakeOld(t.Context(), c.Path); err != nil {
		t.Fatal(err)
	}
	n := fill(t, c)
	engine.KeepFree(n.eng, 16)
	n.write(`DELETE FROM things WHERE id % 10 <> 0`)
	before := n.space()
	for range 200 {
		write(t, n.lanes, &job{run: func(context.Context, engine.Tx) error { return nil }})
	}
	if after := n.space(); before != (engine.Space{Data: after.Data, Free: after.Free, Log: before.Log}) {
		t.Errorf("%+v became %+v", before, after)
	}
	c.Path = filepath.Join(t.TempDir(), "copy")
	if err := engine.Backup(t.Context(), n.path, c.Path, engine.BackupOptions{Compact: true, Check: true}); err != nil {
		t.Fatal(err)
	}
	compact := &counted{t: t, eng: open(t, c)}
	if s, mode := compact.space(), compact.scan(`PRAGMA auto_vacuum`); s.Free != 0 || mode != 2 {
		t.Errorf("the compact copy: %+v, auto_vacuum %d", s, mode)
	}
	if left := compact.scan(`SELECT COUNT(*) FROM things`); left != 120 {
		t.Errorf("%d things are in the compact copy", left)
	}
}
