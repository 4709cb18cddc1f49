package bench

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// cacheSwitch is where Linux is told to forget what it knows of files.
const cacheSwitch = "/proc/sys/vm/drop_caches"

// mayDropCaches says why the system's page cache cannot be dropped, if it cannot. It is
// everybody's on this machine, so a run that means nothing leaves it alone.
func (g *rig) mayDropCaches() error {
	if g.o.Quick {
		return errors.New("not in a quick run, since it is everybody's")
	}
	f, err := os.OpenFile(cacheSwitch, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("it needs root on Linux: %w", err)
	}
	return f.Close()
}

// dropCaches makes the system forget what it knows of files and what is on the disk.
func dropCaches() error {
	syncDisks() // what is not on the disk yet would stay
	return os.WriteFile(cacheSwitch, []byte("1"), 0)
}

// copyFile copies a file as cp does, removes nothing, and returns when it is on the disk.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read from
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in) // by the kernel, where it can
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
