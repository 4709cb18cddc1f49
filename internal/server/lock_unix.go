//go:build unix

package server

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"parlor/internal/config"
	"parlor/internal/disk"
)

// lockData keeps a second server off the same embedded database: both would believe to
// be its only writer. The lock goes with the process, however that ends.
func lockData(cfg config.Config) (unlock func(), err error) {
	if cfg.Database != "" {
		return func() {}, nil
	}
	if err := disk.MakeFolder(cfg.Data); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f, err := disk.OpenFile(filepath.Join(cfg.Data, lockFile))
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		err = fmt.Errorf("another parlor serves the data in %s; stop it, or give this one a folder of its own (%w)", cfg.Data, err)
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing gives the lock back
}
