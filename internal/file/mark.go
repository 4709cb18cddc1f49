package file

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MarkName is the file in a folder, or the object in a bucket, that says whose content it has.
const MarkName = "parlor-files"

// Mark reads whose content the folder has, "" where nobody has said so.
func (f *Folder) Mark(context.Context) (string, error) {
	b, err := os.ReadFile(f.markPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(b)), err
}

// SetMark says whose content the folder has.
func (f *Folder) SetMark(_ context.Context, id string) (err error) {
	spool, err := f.spools.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Discard()) }()
	if _, err := spool.Write([]byte(id + "\n")); err != nil {
		return err
	}
	return spool.publish(f.markPath())
}

func (f *Folder) markPath() string { return filepath.Join(filepath.Dir(f.dir), MarkName) }
