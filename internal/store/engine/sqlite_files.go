package engine

import (
	"os"
	"sync/atomic"
)

// files is where the files of an embedded database were when it was opened. A file that is
// deleted or moved away under a running server takes writes as before, and then they are
// gone with the process.
type files struct {
	path string
	file os.FileInfo
	log  atomic.Pointer[os.FileInfo] // of the write-ahead log, once it was seen
}

// newFiles looks at the file that is about to be opened.
func newFiles(path string) (*files, error) {
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return &files{path: path, file: file}, nil
}

// check says whether the files are still in their place. It costs some microseconds.
func (f *files) check() error {
	now, err := os.Stat(f.path)
	if err != nil || !os.SameFile(f.file, now) {
		return ErrDisplaced
	}
	// The log comes with the first statement and stays until the database is closed.
	before := f.log.Load()
	now, err = os.Stat(f.path + "-wal")
	switch {
	case before == nil && err != nil:
		return nil
	case before == nil:
		f.log.Store(&now)
		return nil
	case err != nil || !os.SameFile(*before, now):
		return ErrDisplaced
	}
	return nil
}
