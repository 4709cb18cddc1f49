package main

import (
	"context"
	"errors"
	"os"
	"time"

	"parlor/internal/bench"
)

type compareCmd struct {
	Base     string        `help:"The older parlor." type:"existingfile" required:"" placeholder:"FILE"`
	New      string        `help:"The newer parlor." type:"existingfile" required:"" placeholder:"FILE"`
	Only     []string      `help:"Rows to compare: ${compared} (default all)." placeholder:"ROW,…"`
	Slice    time.Duration `help:"Time of one measurement (default 450ms)." placeholder:"TIME"`
	Pairs    int           `help:"How often each of the two is measured (default 12)." placeholder:"N"`
	JSON     string        `name:"json" help:"Also write the ratio of every pair to a file." type:"path" placeholder:"FILE"`
	Quick    bool          `help:"Little data and short times, to see that everything works."`
	Dir      string        `help:"Where to make the temporary folders (default the system's)." type:"path" placeholder:"DIR"`
	Database string        `help:"postgres:// address to compare on (default the embedded database)." placeholder:"URL"`
}

// Run compares and prints what it has found out.
func (c compareCmd) Run(ctx context.Context) error {
	var versions [2]string
	for i, file := range []string{c.Base, c.New} {
		var err error
		if versions[i], err = versionOf(ctx, file); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	found, err := bench.Compare(ctx, bench.Options{
		Executable: c.New, Self: self, Only: c.Only, Duration: c.Slice, Rounds: c.Pairs, Quick: c.Quick, Dir: c.Dir,
		Database: c.Database, Progress: os.Stderr, Terminal: onTerminal(),
	}, c.Base, versions)
	if found == nil {
		return err
	}
	err = errors.Join(err, found.WriteText(os.Stdout))
	if c.JSON != "" {
		err = errors.Join(err, found.WriteJSON(c.JSON))
	}
	return err
}
