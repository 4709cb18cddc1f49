package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parlor/internal/store"
)

type backupCmd struct {
	dataFlags
	Compact bool   `help:"Leave out what is free in the database. Takes longer, and twice the room for a while."`
	Check   bool   `help:"Read the whole copy and look for damage. Takes longer than copying."`
	File    string `arg:"" help:"Where to write the copy; it must not exist." type:"path"`
}

// Run writes the copy and says how far it is.
func (c backupCmd) Run(ctx context.Context) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	if cfg.Database != "" {
		return errors.New("backup copies the embedded database; use pg_dump for PostgreSQL")
	}
	start, shown, copied := time.Now(), time.Time{}, int64(0)
	err = store.Backup(ctx, cfg.SQLitePath(), c.File, store.BackupOptions{
		Compact: c.Compact, Check: c.Check, Hold: holdElsewhere,
		Progress: func(done, total int64) {
			if copied = done; done < total && time.Since(shown) < showEvery {
				return
			}
			shown = time.Now()
			fmt.Fprintf(os.Stderr, "\r%d of %d MB, %d MB/s", done>>20, total>>20, rate(done, time.Since(start)))
			if done == total {
				fmt.Fprint(os.Stderr, "; now it is made sure of")
			}
		},
	})
	if !shown.IsZero() {
		fmt.Fprintln(os.Stderr)
	}
	if err != nil {
		return err
	}
	took := time.Since(start)
	fmt.Printf("%s is a complete copy, written in %s (%d MB/s); start a server on it by naming it parlor.db in a data folder\n",
		c.File, took.Round(time.Millisecond), rate(copied, took))
	return nil
}

// showEvery is how often people at a terminal are told how far it is.
const showEvery = 500 * time.Millisecond

// rate is in MB per second.
func rate(bytes int64, took time.Duration) int64 {
	return int64(float64(bytes>>20) / max(took.Seconds(), 0.001))
}
