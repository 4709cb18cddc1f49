// Package disk makes folders and files that are still there after a power cut. An fsync of
// a file writes what is in it. That there is such a file is written in its folder, which
// needs an fsync of its own; and the folder's name in the one above it.
package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// MakeFolder makes the folder path, and those above it that are missing, for their owner
// only. When it returns nil their names are on the disk. A folder that exists is otherwise
// left as it is: the process that made it may have been killed in between.
func MakeFolder(path string) error { return makeFolder(path, SyncFolder) }

func makeFolder(path string, syncFolder func(string) error) error {
	missing, err := missingAt(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	// A name on the way may be a link; what holds the folder is behind it.
	at, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if at, err = filepath.Abs(at); err != nil {
		return err
	}
	for at != filepath.Dir(at) {
		at = filepath.Dir(at)
		// Folders above those that were made here may be closed to this account.
		if err := syncFolder(at); err != nil && missing > 0 {
			return err
		}
		missing--
	}
	return nil
}

// missingAt counts the folders at the end of path that do not exist.
func missingAt(path string) (n int, err error) {
	at, err := filepath.Abs(path)
	for err == nil {
		_, statErr := os.Lstat(at)
		if !errors.Is(statErr, os.ErrNotExist) {
			break
		}
		n, at = n+1, filepath.Dir(at)
	}
	return n, err
}

// OpenFile opens the file path for reading and writing. One that is missing is made, for its
// owner only. When OpenFile returns nil, the file's name is on the disk.
func OpenFile(path string) (*os.File, error) { return openFile(path, SyncFolder) }

func openFile(path string, syncFolder func(string) error) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Publish gives a file that was written under another name its final one. When it returns
// nil, the file and its name are on the disk.
func Publish(part, file string) error { return publish(part, file, SyncFolder) }

func publish(part, file string, syncFolder func(string) error) error {
	if err := fsync(part); err != nil {
		return err
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}

// SyncFolder writes the names of what is in a folder to the disk, where the file system
// knows such a thing.
func SyncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // names are written with the files
	}
	err := fsync(dir)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

func fsync(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("write to the disk: %w", err), f.Close())
	}
	return f.Close()
}
