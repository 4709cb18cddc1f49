package bench

import (
	"context"
	"errors"
	"os"
	"time"
)

// probeBlock is the size of one append, in bytes: a page.
const probeBlock = 4096

// probe appends to a file and waits for the disk each time. It tells what the disk is
// worth at the moment, on which all durable figures depend.
func (g *rig) probe() load {
	return load{
		name: "append + fdatasync", workers: 1, most: time.Second, cpu: func(context.Context) (float64, error) {
			return ownCPU()
		},
		what: "one goroutine appends 4,096 bytes to a file in the bench's own folder and waits until they are on the disk",
		open: func(context.Context, int) (func() error, func(), error) {
			f, err := os.OpenFile(g.folder("probe"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
			if err != nil {
				return nil, nil, err
			}
			block := make([]byte, probeBlock)
			do := func() error {
				_, err := f.Write(block)
				return errors.Join(err, fdatasync(f))
			}
			return do, func() { _ = f.Close() }, nil
		},
	}
}
