package engine

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve takes the room for size bytes, so that a full disk shows at once.
func reserve(f *os.File, size int64) error {
	if size == 0 {
		return nil
	}
	err := unix.Fallocate(int(f.Fd()), 0, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return f.Truncate(size)
	}
	if err != nil {
		return &os.PathError{Op: "reserve room for", Path: f.Name(), Err: err}
	}
	return nil
}

// gentle reads or writes a file without pushing what others read out of the system's cache.
type gentle struct {
	file    *os.File
	plainly bool  // the file system knows of no other way
	written int64 // bytes since the last wait for the disk
	from    int64 // where they begin
}

// readAt reads up to len(b) bytes, and 0 at the end of the file.
func (g *gentle) readAt(b []byte, at int64) (int, error) {
	for {
		flags := unix.RWF_DONTCACHE
		if g.plainly {
			flags = 0
		}
		n, err := unix.Preadv2(int(g.file.Fd()), [][]byte{b}, at, flags)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, unix.EINTR):
		case !g.plainly && (errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS)):
			g.plainly = true
		default:
			return 0, &os.PathError{Op: "read", Path: g.file.Name(), Err: err}
		}
	}
}

// writeAt writes all of b. Bytes are to come in their order.
func (g *gentle) writeAt(b []byte, at int64) error {
	if g.written == 0 {
		g.from = at
	}
	if _, err := g.file.WriteAt(b, at); err != nil {
		return err
	}
	g.written += int64(len(b))
	return nil
}

// settle waits until what was written is on the disk.
func (g *gentle) settle() error {
	fd := int(g.file.Fd())
	err := unix.SyncFileRange(fd, g.from, g.written,
		unix.SYNC_FILE_RANGE_WAIT_BEFORE|unix.SYNC_FILE_RANGE_WRITE|unix.SYNC_FILE_RANGE_WAIT_AFTER)
	if err != nil && !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ESPIPE) {
		return &os.PathError{Op: "write", Path: g.file.Name(), Err: err}
	}
	_ = unix.Fadvise(fd, g.from, g.written, unix.FADV_DONTNEED) // only advice
	g.written = 0
	return nil
}
