package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"parlor/internal/store"
)

// holdCmd is what `parlor backup` runs beside itself. It is no command for people.
type holdCmd struct {
	Path string `arg:"" help:"The database." type:"path"`
}

// Run holds a snapshot until its parent has no more need of it, or does not ask for it.
// A signal that is meant for the parent does not end it: the parent does.
func (c holdCmd) Run() error {
	return store.Hold(context.Background(), c.Path, os.Stdin, os.Stdout)
}

// holdElsewhere holds a snapshot in a process of its own, so that it is let go also when this
// one is stopped or hangs.
func holdElsewhere(ctx context.Context, path string) (store.Held, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "hold-snapshot", path) //nolint:noctx // it ends with its input
	cmd.SysProcAttr = apart()
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("hold the snapshot: %w", err)
	}
	return store.Holding(ctx, ask, answers, func() error {
		// The lock is gone with the process, however it ends.
		err := ask.Close()
		if errors.Is(err, os.ErrClosed) {
			err = nil
		}
		stuck := time.AfterFunc(holderEnd, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // what went wrong it has answered
		stuck.Stop()
		return err
	})
}

// holderEnd is how long a holder may take to fold what nobody else is there to fold.
const holderEnd = time.Minute
