package disk

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// synced keeps the folders whose names were written, as paths below root.
type synced struct {
	root    string
	folders []string
	fail    string // the folder at which the disk fails
}

func (s *synced) sync(dir string) error {
	rel, err := filepath.Rel(s.root, dir)
	if err != nil {
		return err
	}
	if rel == s.fail {
		return errors.New("the disk failed")
	}
	if filepath.IsLocal(rel) {
		s.folders = append(s.folders, rel)
	}
	return SyncFolder(dir)
}

func newSynced(t *testing.T) *synced {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &synced{root: root, fail: "nowhere"}
}

// TestMakeFolder: each name that was made is written in the folder that holds it, also
// when somebody made it and was killed before that.
func TestMakeFolder(t *testing.T) {
	s := newSynced(t)
	for range 2 {
		s.folders = nil
		if err := makeFolder(filepath.Join(s.root, "a", "b", "c"), s.sync); err != nil {
			t.Fatal(err)
		}
		if want := []string{"a/b", "a", "."}; !slices.Equal(s.folders, want) {
			t.Errorf("synced %v, want %v", s.folders, want)
		}
	}
	info, err := os.Stat(filepath.Join(s.root, "a"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestMakeFolderBehindLink: what holds the folder is where the link leads.
func TestMakeFolderBehindLink(t *testing.T) {
	s := newSynced(t)
	if err := os.Mkdir(filepath.Join(s.root, "disk"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("disk", filepath.Join(s.root, "link")); err != nil {
		t.Fatal(err)
	}
	if err := makeFolder(filepath.Join(s.root, "link", "data"), s.sync); err != nil {
		t.Fatal(err)
	}
	if want := []string{"disk", "."}; !slices.Equal(s.folders, want) {
		t.Errorf("synced %v, want %v", s.folders, want)
	}
}

// TestMakeFolderFails: a name that was made and cannot be written is an error; a folder
// further up, which others made, is theirs.
func TestMakeFolderFails(t *testing.T) {
	for _, tt := range []struct {
		fail string
		ok   bool
	}{{"a/b", false}, {"a", false}, {".", false}, {"..", true}} {
		s := newSynced(t)
		s.fail = tt.fail
		if err := makeFolder(filepath.Join(s.root, "a", "b", "c"), s.sync); (err == nil) != tt.ok {
			t.Errorf("the disk failed at %s: %v", tt.fail, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if MakeFolder(filepath.Join(file, "data")) == nil {
		t.Error("a folder was made in a file")
	}
}

func TestOpenFile(t *testing.T) {
	s := newSynced(t)
	path := filepath.Join(s.root, "file")
	for range 2 { // a file that is there may have been made by somebody who was killed
		s.folders = nil
		f, err := openFile(path, s.sync)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil || info.Mode().Perm() != 0o600 || f.Close() != nil {
			t.Errorf("%v, %v", info, err)
		}
		if want := []string{"."}; !slices.Equal(s.folders, want) {
			t.Errorf("synced %v, want %v", s.folders, want)
		}
	}
	s.fail = "."
	if _, err := openFile(path, s.sync); err == nil {
		t.Error("a name that cannot be written is no error")
	}
}

func TestPublish(t *testing.T) {
	s := newSynced(t)
	part, file := filepath.Join(s.root, "file.part"), filepath.Join(s.root, "file")
	if err := os.WriteFile(part, []byte("whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := publish(part, file, s.sync); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "whole" {
		t.Errorf("%q, %v", text, err)
	}
	if want := []string{"."}; !slices.Equal(s.folders, want) {
		t.Errorf("synced %v, want %v", s.folders, want)
	}
}
