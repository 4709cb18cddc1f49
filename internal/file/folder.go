package file

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"parlor/internal/disk"
)

// Folder is Objects in a folder of this machine's, or of one that several machines have mounted.
// They are spread over folders by the first two characters of their keys.
type Folder struct {
	dir    string
	spools *Spools // beside it, for the mark

	made sync.Map // the folders that are known to be there, by name
}

// OpenFolder returns the Objects of a folder, which is made if it is missing, and the Spools
// from which they take content without copying it.
func OpenFolder(dir string) (*Folder, *Spools, error) {
	spools, err := OpenSpools(filepath.Join(dir, "spool"))
	if err != nil {
		return nil, nil, err
	}
	f := &Folder{dir: filepath.Join(dir, "objects"), spools: spools}
	return f, spools, disk.MakeFolder(f.dir)
}

func (f *Folder) path(key string) string { return filepath.Join(f.dir, key[:2], key) }

// Put moves a spool's file to its place.
func (f *Folder) Put(_ context.Context, key string, s *Spool) error {
	path := f.path(key)
	parent := filepath.Dir(path)
	if _, ok := f.made.Load(parent); !ok {
		if err := disk.MakeFolder(parent); err != nil {
			return err
		}
		f.made.Store(parent, true)
	}
	err := s.publish(path)
	if errors.Is(err, fs.ErrNotExist) {
		f.made.Delete(parent) // somebody has removed it
	}
	return err
}

// Open finds content.
func (f *Folder) Open(_ context.Context, key string) (Content, error) {
	file, err := os.Open(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return folderContent{file, info.Size()}, nil
}

type folderContent struct {
	*os.File
	size int64
}

// Regular is the file itself, which the system can send without copying it.
func (c folderContent) Regular() *os.File { return c.File }

// Size is in bytes.
func (c folderContent) Size() int64 { return c.size }

// Delete removes content.
func (f *Folder) Delete(_ context.Context, key string) error {
	err := os.Remove(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// List goes through the folders.
func (f *Folder) List(ctx context.Context, each func(Object) error) error {
	return filepath.WalkDir(f.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed in the meantime
		}
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return each(Object{Key: entry.Name(), Stored: info.ModTime()})
	})
}
