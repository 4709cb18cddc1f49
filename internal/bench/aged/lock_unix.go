//go:build unix

package aged

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"parlor/internal/disk"
)

// serverLock is the file by which a server keeps a second one off its folder.
const serverLock = "parlor.lock"

// lock keeps servers off an embedded database meanwhile: each believes to be its only writer.
func lock(o Options) (unlock func(), err error) {
	if o.DSN != "" {
		return func() {}, nil
	}
	dir := filepath.Dir(o.Path)
	if err := disk.MakeFolder(dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, serverLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("a server or another fill uses %s; stop it first (%w)", dir, err), f.Close())
	}
	return func() { _ = f.Close() }, nil // closing gives the lock back
}
