package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"parlor/internal/bench"
)

type measureCmd struct {
	Only      []string      `help:"Rows to measure: ${rows} (default all)." placeholder:"ROW,…"`
	Duration  time.Duration `help:"Time of one measurement in one round (default 5s)." placeholder:"TIME"`
	Rounds    int           `help:"Rounds, in which the measurements take turns (default 3)." placeholder:"N"`
	JSON      string        `name:"json" help:"Also write every figure of every round to a file." type:"path" placeholder:"FILE"`
	Soak      time.Duration `help:"Instead, use a server as people do for this long, and fail if it has grown." placeholder:"TIME"`
	Old       string        `help:"Measure old and growth on a database that fill has filled, its folder or address; they add to it." placeholder:"DIR|URL"`
	Sockets   int           `help:"Also weigh this many idle sessions, such as 50000; needs ulimit -n above it." placeholder:"N"`
	Scheduled int           `help:"Messages that are due in the minute of scheduled (default 100000)." placeholder:"N"`
	Backlog   int           `help:"Messages that the webhook of backlog is told of, such as 1000000 (default 100000)." placeholder:"N"`
	Quick     bool          `help:"Little data and short times, to see that everything works."`
	Keep      bool          `help:"Leave the temporary folders behind."`
	Dir       string        `help:"Where to make the temporary folders (default the system's)." type:"path" placeholder:"DIR"`
	Database  string        `help:"postgres:// address to measure on, in schemas of its own (default the embedded database)." placeholder:"URL"`
	Parlor    string        `help:"The parlor to measure (default the one beside this program, or in PATH)." type:"path" placeholder:"FILE" env:"PARLOR_BENCH_PARLOR"`
	URL       string        `name:"url" help:"Drive a running server instead. It keeps the rooms that this makes." placeholder:"http://…"`
	Key       string        `help:"Server key for --url." placeholder:"ID:SECRET" env:"PARLOR_SERVER_KEY"`
}

// Run measures, prints the report and fails if the run could not be finished. A goal
// that was missed is no failure, but for a soak's.
func (c measureCmd) Run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	parlor, measured, err := c.subject(ctx, self)
	if err != nil {
		return err
	}
	report, err := bench.Run(ctx, bench.Options{
		Executable: parlor, Version: measured, Self: self, Command: c.commandLine(),
		Only: c.Only, Duration: c.Duration, Rounds: c.Rounds, Soak: c.Soak, Quick: c.Quick, Sockets: c.Sockets, Scheduled: c.Scheduled, Backlog: c.Backlog, Old: c.Old, Keep: c.Keep, Dir: c.Dir,
		Database: c.Database, URL: c.URL, Key: c.Key,
		Progress: os.Stderr, Terminal: onTerminal(),
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

// onTerminal says whether the progress is shown on one.
func onTerminal() bool {
	info, err := os.Stderr.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// subject is the parlor to be measured and its version. A running server needs none, and
// does not tell its version: the report then has the version of parlor-bench.
func (c measureCmd) subject(ctx context.Context, self string) (file, measured string, err error) {
	if c.URL != "" {
		return "", version, nil
	}
	if file = c.Parlor; file == "" {
		if file, err = exec.LookPath(filepath.Join(filepath.Dir(self), "parlor")); err != nil {
			file, err = exec.LookPath("parlor")
		}
	}
	if err != nil {
		return "", "", errors.New("there is no parlor beside this program or in PATH: " +
			"name one with --parlor FILE, or a running server with --url")
	}
	measured, err = versionOf(ctx, file)
	return file, measured, err
}

// versionOf asks a parlor which one it is.
func versionOf(ctx context.Context, file string) (string, error) {
	out, err := exec.CommandContext(ctx, file, "version").Output()
	if err != nil {
		return "", fmt.Errorf("%s version: %w", file, err)
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "parlor "), nil
}

// commandLine is for the report, which others may read.
func (c measureCmd) commandLine() []string {
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
