package file

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"parlor/internal/disk"
)

// Spools is the folder in which content waits until it is whole.
type Spools struct{ dir string }

// LeftAfter is the age from which a spool is left over: its upload would have ended, whichever
// process it was of. Several may share a folder.
const LeftAfter = 2 * time.Hour

// OpenSpools returns the spools of a folder, which is made if it is missing.
func OpenSpools(dir string) (*Spools, error) {
	if err := disk.MakeFolder(dir); err != nil {
		return nil, err
	}
	return &Spools{dir}, nil
}

// Sweep removes spools into which nothing was written for as long as age. They are of processes
// that were killed: nobody was told that they are stored.
func (s *Spools) Sweep(age time.Duration) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if ours, err := filepath.Match(spoolPattern, entry.Name()); err != nil || !ours {
			continue
		}
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) >= age {
			err = os.Remove(filepath.Join(s.dir, entry.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

const spoolPattern = "upload-*.part"

// Spool is content that arrives, with its size and checksum. It is for one goroutine.
type Spool struct {
	file *os.File // nil once it was discarded
	path string   // "" once Objects have taken the file
	size int64
	sum  hash.Hash
}

// New begins a Spool. It must be discarded.
func (s *Spools) New() (*Spool, error) {
	f, err := os.CreateTemp(s.dir, spoolPattern)
	if err != nil {
		return nil, err
	}
	return &Spool{file: f, path: f.Name(), sum: sha256.New()}, nil
}

// Write appends to the content.
func (s *Spool) Write(b []byte) (int, error) {
	n, err := s.file.Write(b)
	_, _ = s.sum.Write(b[:n]) // a hash's Write never fails
	s.size += int64(n)
	return n, err
}

// Size is how many bytes have come.
func (s *Spool) Size() int64 { return s.size }

// Sum is the SHA-256 of what has come.
func (s *Spool) Sum() []byte { return s.sum.Sum(nil) }

// Checksum is Sum in hexadecimal digits.
func (s *Spool) Checksum() string { return hex.EncodeToString(s.Sum()) }

// Reader reads the content from its begin, until the Spool is discarded.
func (s *Spool) Reader() io.ReadSeeker { return io.NewSectionReader(s.file, 0, s.size) }

// Discard ends the Spool, and removes what of it was not stored. It may be called twice.
func (s *Spool) Discard() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	if s.path != "" {
		if gone := os.Remove(s.path); !errors.Is(gone, fs.ErrNotExist) { // it has its final name
			err = errors.Join(err, gone)
		}
	}
	return err
}

// publish gives the content's file its final name.
func (s *Spool) publish(path string) error {
	if s.path == "" {
		return fmt.Errorf("the content was stored before")
	}
	if err := disk.Publish(s.path, path); err != nil {
		return err
	}
	s.path = ""
	return nil
}
