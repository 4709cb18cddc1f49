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
	File string `arg:"" help:"Where to write the copy; it must not exist." type:"path"`
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
	start, shown := time.Now(), false
	err = store.Backup(ctx, cfg.SQLitePath(), c.File, func(done, total int64) {
		shown = true
		fmt.Fprintf(os.Stderr, "\r%d of about %d MB", done>>20, total>>20)
	})
	if shown {
		fmt.Fprintln(os.Stderr)
	}
	if err != nil {
		return err
	}
	fmt.Printf("%s is a complete copy, written in %s; start a server on it by naming it parlor.db in a data folder\n",
		c.File, time.Since(start).Round(time.Millisecond))
	return nil
}
