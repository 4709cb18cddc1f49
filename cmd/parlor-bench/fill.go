package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parlor/internal/bench"
	"parlor/internal/bench/aged"
)

type fillCmd struct {
	Messages int64  `help:"Messages that there are to be in the end (default 10000000)." default:"10000000" placeholder:"N"`
	Data     string `help:"Folder of the embedded database to make old." placeholder:"DIR"`
	Database string `help:"postgres:// address of the database to make old, in a schema of its own unless the address names one." placeholder:"URL" env:"PARLOR_BENCH_DATABASE"`
	Rooms    int    `hidden:"" default:"${oldrooms}"`
}

// Run fills, and shows how far it is. What is interrupted goes on the next time.
func (c fillCmd) Run(ctx context.Context) error {
	if (c.Data == "") == (c.Database == "") {
		return errors.New("fill: name either a folder with --data or an address with --database")
	}
	if c.Messages < 0 || c.Rooms < 10 || c.Rooms%10 != 0 {
		return errors.New("fill: there must be at least 0 messages, and tens of rooms")
	}
	old, err := bench.OpenOld(ctx, c.Data+c.Database)
	if err != nil {
		return err
	}
	terminal := onTerminal()
	var shown time.Time
	show := func(p aged.Progress) {
		switch {
		case terminal:
			fmt.Fprintf(os.Stderr, "\r\x1b[K%s", p)
		case time.Since(shown) > 15*time.Second || p.Done >= p.Wanted:
			fmt.Fprintln(os.Stderr, p)
			shown = time.Now()
		}
	}
	err = aged.Fill(ctx, aged.Options{
		Path: old.File(), DSN: old.DSN, Messages: c.Messages, Rooms: c.Rooms, Progress: show,
	})
	if terminal {
		fmt.Fprintln(os.Stderr)
	}
	if err != nil {
		return err
	}
	return old.Settle(ctx)
}
