package faults

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"parlor/internal/store/storetest"
)

// TestDiskFull fills the disk under many writers. They are told, no write is
// stored in part, and reads go on; once there is space again, so do writes.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	t.Run("no space left", func(t *testing.T) {
		dir := smallDisk(t)
		testDiskFull(t, dir, func(*parlor) (free func()) {
			release := storetest.HoldRead(t, sqliteIn(dir))
			remove := fill(t, filepath.Join(dir, "ballast"))
			return func() {
				release()
				remove()
			}
		})
	})
	// Another way for writes to fail, which needs no rights.
	t.Run("file too large", func(t *testing.T) {
		dir := t.TempDir()
		testDiskFull(t, dir, func(p *parlor) (free func()) {
			limitFiles(t, p, 1)
			return func() { limitFiles(t, p, unix.RLIM_INFINITY) }
		})
	})
}

func testDiskFull(t *testing.T, dir string, fillUp func(*parlor) (free func())) {
	t.Helper()
	rng := newRand(t)
	o := sqliteIn(dir)
	p := start(t, o)
	w := newWorkload(t, p.server)
	for range 2 {
		stop := w.load(t, p, rng)
		w.waitFor(t, 20)
		free := fillUp(p)
		before := w.refusals.Load()
		eventually(t, "writes are refused", func() bool { return w.refusals.Load() > before+100 })
		unready := func() bool { return p.status("/readyz") == http.StatusServiceUnavailable }
		eventually(t, "parlor is not ready, under load", unready)
		stop()
		// The last bytes may be enough for what /readyz writes, and for nothing else.
		eventually(t, "parlor is not ready", unready)
		for range 3 { // one failing after the other must not look better than many at once
			e := w.create()
			if err := w.issue(t.Context(), p.server, e); err != nil || e.fate == acked {
				t.Errorf("a write to a full disk: %v, fate %d", err, e.fate)
			}
			wantStatus(t, p, "/readyz", http.StatusServiceUnavailable)
		}
		wantStatus(t, p, "/healthz", http.StatusOK)
		w.check(t, p.server, o) // reads go on, and find what was acknowledged

		free()
		eventually(t, "parlor is ready again", func() bool { return p.status("/readyz") == http.StatusOK })
		w.repeat(t, p.server)
		w.check(t, p.server, o)
	}
	p.Kill()
	p = start(t, o)
	w.check(t, p.server, o)
}

func wantStatus(t *testing.T, p *parlor, path string, want int) {
	t.Helper()
	if got := p.status(path); got != want {
		t.Errorf("%s: %d, want %d", path, got, want)
	}
}

// smallDisk mounts a file system of a few megabytes, which takes root.
func smallDisk(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("no file system of its own for this test (%v); the other one fills none, but fails writes, too", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes what is left of a file system, to the last byte, and returns what gives it
// back.
func fill(t *testing.T, file string) (free func()) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // what is lost of it was worth nothing
	for size := 1 << 20; size > 0; size /= 2 {
		for block := make([]byte, size); ; {
			if _, err = f.Write(block); err != nil {
				break
			}
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	}
}

// limitFiles makes the process's writes beyond size fail.
func limitFiles(t *testing.T, p *parlor, size uint64) {
	t.Helper()
	limit := unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(p.PID(), unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		t.Fatal(err)
	}
}
