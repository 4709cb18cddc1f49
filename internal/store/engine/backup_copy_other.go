//go:build !linux

package engine

import (
	"errors"
	"io"
	"os"
)

// reserve makes the file as long as it will be.
func reserve(f *os.File, size int64) error { return f.Truncate(size) }

// gentle reads or writes a file; here there is no gentler way than the usual one.
type gentle struct {
	file    *os.File
	written int64
}

// readAt reads up to len(b) bytes, and 0 at the end of the file.
func (g *gentle) readAt(b []byte, at int64) (int, error) {
	n, err := g.file.ReadAt(b, at)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// writeAt writes all of b.
func (g *gentle) writeAt(b []byte, at int64) error {
	if _, err := g.file.WriteAt(b, at); err != nil {
		return err
	}
	g.written += int64(len(b))
	return nil
}

// settle waits until what was written is on the disk.
func (g *gentle) settle() error {
	g.written = 0
	return g.file.Sync()
}
