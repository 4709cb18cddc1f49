package file_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parlor/internal/file"
)

func open(t *testing.T) (dir string, f *file.Folder, s *file.Spools) {
	t.Helper()
	dir = t.TempDir()
	f, s, err := file.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, f, s
}

func spool(t *testing.T, s *file.Spools, content string) *file.Spool {
	t.Helper()
	sp, err := s.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { discard(t, sp) })
	if _, err := io.Copy(sp, bytes.NewReader([]byte(content))); err != nil {
		t.Fatal(err)
	}
	return sp
}

func discard(t *testing.T, s *file.Spool) {
	t.Helper()
	if err := s.Discard(); err != nil {
		t.Error(err)
	}
}

func keys(t *testing.T, o file.Objects) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	if err := o.List(t.Context(), func(ob file.Object) error {
		found[ob.Key] = !ob.Stored.IsZero()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestFolder: content goes in whole, is read from anywhere, and goes for good.
func TestFolder(t *testing.T) {
	dir, f, s := open(t)
	sp := spool(t, s, "some content")
	if sp.Size() != 12 || sp.Checksum() != "290f493c44f5d63d06b374d0a5abd292fae38b92cab2fae5efefe1b0e9347f56" {
		t.Errorf("size %d, checksum %s", sp.Size(), sp.Checksum())
	}
	if err := f.Put(t.Context(), "abcd", sp); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(t.Context(), "abce", sp); err == nil {
		t.Error("a spool was stored twice")
	}
	discard(t, sp)
	if got := keys(t, f); len(got) != 1 || !got["abcd"] {
		t.Errorf("listed %v", got)
	}
	c, err := f.Open(t.Context(), "abcd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Seek(5, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(c)
	if err != nil || string(rest) != "content" || c.Size() != 12 {
		t.Errorf("read %q of %d bytes (%v)", rest, c.Size(), err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for range 2 { // the second time there is nothing
		if err := f.Delete(t.Context(), "abcd"); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Open(t.Context(), "abcd"); !errors.Is(err, file.ErrNotFound) {
		t.Errorf("opened after its end: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "objects")); err != nil {
		t.Fatal(err)
	}
	again := spool(t, s, "x")
	if err := f.Put(t.Context(), "abcd", again); err == nil { // the folder that was known is gone
		t.Log("stored at once")
	} else if err := f.Put(t.Context(), "abcd", again); err != nil {
		t.Errorf("the folder does not come again: %v", err)
	}
}

// TestMark: whose a folder is stays.
func TestMark(t *testing.T) {
	dir, f, _ := open(t)
	for _, want := range []string{"", "one", "two"} {
		if want != "" {
			if err := f.SetMark(t.Context(), want); err != nil {
				t.Fatal(err)
			}
		}
		again, _, err := file.OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Mark(t.Context()); got != want || err != nil {
			t.Errorf("mark %q (%v), want %q", got, err, want)
		}
	}
	if got := keys(t, f); len(got) != 0 {
		t.Errorf("the mark is listed: %v", got)
	}
}

// TestSpoolsDoNotStay: what was not stored is gone after its end, or some time after a crash.
func TestSpoolsDoNotStay(t *testing.T) {
	dir, _, s := open(t)
	sp := spool(t, s, "never stored")
	discard(t, sp)
	discard(t, sp)
	left := spool(t, s, "of a crash")
	for _, age := range []time.Duration{time.Hour, 3 * time.Hour} {
		old := time.Now().Add(-age)
		paths, err := filepath.Glob(filepath.Join(dir, "spool", "*"))
		if err != nil || len(paths) != 1 { // after an hour it may be another process's
			t.Fatalf("spools %q (%v)", paths, err)
		}
		if err := os.Chtimes(paths[0], old, old); err != nil {
			t.Fatal(err)
		}
		if err := s.Sweep(file.LeftAfter); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, "spool"))
	if err != nil || len(entries) > 0 {
		t.Errorf("left over: %v (%v)", entries, err)
	}
	discard(t, left)
}
