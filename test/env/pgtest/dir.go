package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const prefix = "parlor-pg-" // of the temporary folders' names

func (s *Server) data() string { return filepath.Join(s.dir, "data") }
func (s *Server) log() string  { return filepath.Join(s.dir, "log") }

// makeDir makes the temporary folder, in the first place that its owner can
// reach.
func (s *Server) makeDir() error {
	var parent string
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if s.owner == nil || traversable(dir) {
			parent = dir
			break
		}
	}
	if parent == "" {
		return fmt.Errorf("user %s can reach none of %s, /tmp, /var/tmp: open one with chmod o+x", osUser, os.TempDir())
	}
	sweep(parent)

	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return err
	}
	s.dir = dir
	if s.lock, err = lockDir(dir); err != nil {
		return err
	}
	if s.owner != nil {
		return os.Chown(dir, int(s.owner.Uid), int(s.owner.Gid))
	}
	return nil
}

// remove deletes the temporary folder of a server that is down.
func (s *Server) remove() {
	if s.dir == "" {
		return
	}
	_ = os.RemoveAll(s.dir) // a remainder is swept by a later run
	if s.lock != nil {
		_ = s.lock.Close()
	}
	s.dir, s.lock = "", nil
}

// sweep removes the folders of test processes that died without cleaning up, as
// they do when a test times out. It knows them by their lock being free. A
// folder made this very minute may just not be locked yet, so it is left alone.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, prefix+"*"))
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if lock, err := lockDir(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = lock.Close()
		}
	}
}

// lockDir locks a folder for as long as the returned file is open, at most for
// the life of this process.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}

// traversable tells whether every user can reach what is inside dir.
func traversable(dir string) bool {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}
