package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"parlor/internal/bench"
)

type benchCmd struct {
	Measure benchMeasureCmd `cmd:"" default:"withargs" name:"measure" help:"Measure and report; what bench does by itself."`
	Bare    benchBareCmd    `cmd:"" name:"bare-http" hidden:"" help:"Serve answers of one size: the ceiling of room/get."`
	Sockets benchSocketsCmd `cmd:"" name:"bare-sockets" hidden:"" help:"Serve WebSockets that store nothing: the ceiling of fan-out."`
}

type benchMeasureCmd struct {
	Only     []string      `help:"Rows to measure: room-get, create, send, socket-send, list, big-room, fan-out, idle, storm, startup (default all)." placeholder:"ROW,…"`
	Duration time.Duration `help:"Time of one measurement in one round (default 5s)." placeholder:"TIME"`
	Rounds   int           `help:"Rounds, in which the measurements take turns (default 3)." placeholder:"N"`
	JSON     string        `name:"json" help:"Also write every figure of every round to a file." type:"path" placeholder:"FILE"`
	Soak     time.Duration `help:"Instead, use a server as people do for this long, and fail if it has grown." placeholder:"TIME"`
	Quick    bool          `help:"Little data and short times, to see that everything works."`
	Keep     bool          `help:"Leave the temporary folders behind."`
	Dir      string        `help:"Where to make the temporary folders (default the system's)." type:"path" placeholder:"DIR"`
	Database string        `help:"postgres:// address to measure on, in schemas of its own (default the embedded database)." placeholder:"URL"`
	URL      string        `name:"url" help:"Drive a running server instead. It keeps the rooms that this makes." placeholder:"http://…"`
	Key      string        `help:"Server key for --url." placeholder:"ID:SECRET" env:"PARLOR_SERVER_KEY"`
}

// Run measures, prints the report and fails if the run could not be finished. A goal
// that was missed is no failure, but for a soak's.
func (c benchMeasureCmd) Run(ctx context.Context) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	info, err := os.Stderr.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	report, err := bench.Run(ctx, bench.Options{
		Executable: exe, Version: version, Command: c.commandLine(),
		Only: c.Only, Duration: c.Duration, Rounds: c.Rounds, Soak: c.Soak, Quick: c.Quick, Keep: c.Keep, Dir: c.Dir,
		Database: c.Database, URL: c.URL, Key: c.Key,
		Progress: os.Stderr, Terminal: terminal,
	})
	if report == nil {
		return err
	}
	err = errors.Join(err, report.WriteText(os.Stdout))
	if c.JSON != "" {
		err = errors.Join(err, report.WriteJSON(c.JSON))
	}
	if missed, _ := report.Missed(); c.Soak > 0 && missed > 0 {
		err = errors.Join(err, errors.New("the server has grown"))
	}
	return err
}

// commandLine is for the report, which others may read.
func (c benchMeasureCmd) commandLine() []string {
	var line []string
	for _, arg := range os.Args {
		if c.Key != "" {
			arg = strings.ReplaceAll(arg, c.Key, "ID:SECRET")
		}
		if u, err := url.Parse(c.Database); c.Database != "" && err == nil {
			arg = strings.ReplaceAll(arg, c.Database, u.Redacted())
		}
		line = append(line, arg)
	}
	return line
}

type benchBareCmd struct {
	Listen string `help:"host:port." required:""`
	Size   int    `help:"Bytes of an answer." required:""`
}

// Run serves until the process is told to stop.
func (c benchBareCmd) Run(ctx context.Context) error {
	if err := bench.ServeBare(ctx, c.Listen, c.Size); err != nil {
		return fmt.Errorf("bare-http: %w", err)
	}
	return nil
}

type benchSocketsCmd struct {
	Listen string `help:"host:port." required:""`
}

// Run serves until the process is told to stop.
func (c benchSocketsCmd) Run(ctx context.Context) error {
	if err := bench.ServeBareSockets(ctx, c.Listen); err != nil {
		return fmt.Errorf("bare-sockets: %w", err)
	}
	return nil
}
