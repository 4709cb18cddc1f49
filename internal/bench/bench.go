// Package bench measures a Parlor from outside: it fills and drives a server over HTTP and
// sockets, as a customer's backend and its users' devices do, and sets each figure beside a
// ceiling measured in the same run on the same machine. What counts is the ratio of the
// two, since the figures alone say as much about the machine, and about who else is using
// it, as about the server. Of the server's code it shares only the cipher, as an app does;
// the ceilings write rows of their own through the database's driver.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options says what to measure, and on what.
type Options struct {
	// Executable is the parlor to measure.
	Executable string
	// Version is the version of what is measured, for the report.
	Version string
	// Self is the program that serves the ceilings: ServeBare as bare-http, ServeBareSockets as
	// bare-sockets, and ServeBareFiles as bare-files.
	Self string
	// Command is the command line, for the report.
	Command []string
	// Only names the rows to measure; empty means all. Names lists them.
	Only []string
	// Duration is the time of one measurement in one round. 0 means 5 s, or 0.2 s if Quick.
	Duration time.Duration
	// Rounds is how often each measurement is repeated, in turn with those that it is
	// compared with. 0 means 3, or 2 if Quick.
	Rounds int
	// Quick measures little data for a short time, to see that everything works. The
	// figures mean nothing.
	Quick bool
	// Soak, if not 0, is how long to use the server as people do, instead of measuring: the
	// only row is then called soak, and its goals are that the server does not grow.
	Soak time.Duration
	// Old is a database that was filled before, a folder or a postgres:// address, for what is
	// measured on an old one; "" means one that is made for it, of fewer messages.
	Old string
	// Sockets is a number of sessions for idle beside the usual ones; 0 means none.
	Sockets int
	// Scheduled is how many messages are due in the minute of scheduled; 0 means 100,000, or 300 in
	// half a second if Quick.
	Scheduled int
	// Backlog is how many messages the webhook of backlog is told of; 0 means 100,000, or 500 if Quick.
	Backlog int
	// Keep leaves the temporary folders and schemas behind.
	Keep bool
	// Dir is where the temporary folders are made; "" means the system's place for them.
	Dir string
	// Database is a postgres:// address to measure on, each database in a schema of its
	// own; "" means the embedded database.
	Database string
	// URL is the address of a running server to drive, http://host:port. Rows that need
	// processes or databases of their own are then left out.
	URL string
	// Key is a server key of URL, id:secret.
	Key string
	// Progress is where the progress is shown; nil means nowhere.
	Progress io.Writer
	// Terminal says that Progress is one, where a line can be rewritten.
	Terminal bool

	noCPU bool // the running server does not tell its processor time
}

// row is one line of the goals: a way to work, and what it is to be compared with.
type row struct {
	name string
	own  bool // needs processes and databases of its own
	run  func(context.Context, *rig) (Row, error)
}

func rows() []row {
	return []row{
		{"room-get", false, measureRoomGet},
		{"create", false, measureCreate},
		{"room", false, measureRoom},
		{"send", false, measureSend},
		{"socket-send", true, measureSocketSend},
		{"list", true, measureList},
		{"big-room", true, measureBigRoom},
		{"fan-out", true, measureFanOut},
		{"flood", true, measureFlood},
		{"files", true, measureFiles},
		{"thumbnails", true, measureThumbnails},
		{"scheduled", true, measureScheduled},
		{"jobs", true, measureJobs},
		{"push", true, measurePush},
		{"events", true, measureEvents},
		{"backlog", true, measureBacklog},
		{"repeat", true, measureRepeat},
		{"idle", true, measureIdle},
		{"storm", true, measureStorm},
		{"neighbours", true, measureNeighbours},
		{"startup", true, measureStartup},
		{"old", true, measureOld},
		{"growth", true, measureGrowth},
	}
}

// Names returns the names of all rows in the order in which they are measured.
func Names() []string {
	var names []string
	for _, r := range rows() {
		names = append(names, r.name)
	}
	return names
}

// Run measures and returns the report. After a failure the report holds the rows that
// were finished before it.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	report := newReport(o)
	if o.URL != "" {
		if _, err := cpuSeconds(ctx, o.URL); err != nil {
			o.noCPU = true
			report.LeftOut = append(report.LeftOut, "processor time: "+err.Error())
		}
	}
	start := time.Now()
	err := runRows(ctx, o, report)
	report.Took = time.Since(start).Seconds()
	if err != nil {
		report.Failure = err.Error()
	}
	return report, err
}

func runRows(ctx context.Context, o Options, report *Report) error {
	show := &progress{w: o.Progress, terminal: o.Terminal}
	todo := rows()
	if o.Soak > 0 {
		todo = []row{{"soak", true, measureSoak}}
	}
	for _, r := range todo {
		switch {
		case len(o.Only) > 0 && !slices.Contains(o.Only, r.name):
			continue
		case o.URL != "" && r.own:
			report.LeftOut = append(report.LeftOut,
				r.name+": it needs processes and databases of its own, and a running server was given")
			continue
		}
		done, err := runRow(ctx, o, r, show, report)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		report.Rows = append(report.Rows, done)
	}
	return nil
}

// runRow gives each row a rig of its own, so that no row's data or processes are there
// while the next is measured.
func runRow(ctx context.Context, o Options, r row, show *progress, report *Report) (done Row, err error) {
	g, err := newRig(o, r.name, show)
	if err != nil {
		return Row{}, err
	}
	defer func() { err = errors.Join(err, g.close(ctx)) }()
	if o.URL == "" && report.Machine.Filesystem == "" {
		report.Machine.Filesystem = filesystem(g.dir)
		report.Machine.Database, err = g.databaseVersion(ctx)
		if err != nil {
			return Row{}, err
		}
	}
	start := time.Now()
	done, err = r.run(ctx, g)
	done.Name, done.Took = r.name, time.Since(start).Seconds()
	report.LeftOut = append(report.LeftOut, g.leftOut...)
	return done, err
}

// complete fills in the defaults and says what does not fit together.
func (o *Options) complete() error {
	for _, name := range o.Only {
		if !slices.Contains(Names(), name) {
			return fmt.Errorf("there is no row %q; there are %s", name, strings.Join(Names(), ", "))
		}
	}
	if o.URL != "" {
		u, err := url.Parse(o.URL)
		switch {
		case err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "":
			return fmt.Errorf("url: want http://host:port of a running server, not %q", o.URL)
		case o.Database != "":
			return errors.New("url and database exclude each other: a running server has its database already")
		case !strings.Contains(o.Key, ":"):
			return errors.New("key: want id:secret of a server key of the running server")
		}
		o.URL = strings.TrimRight(o.URL, "/")
	}
	if o.Dir != "" {
		var err error
		if o.Dir, err = filepath.Abs(o.Dir); err != nil {
			return fmt.Errorf("dir: %w", err)
		}
	}
	switch {
	case o.Soak < 0 || o.Soak > soakMost:
		return fmt.Errorf("soak: want up to %v", soakMost)
	case o.Soak > 0 && (o.URL != "" || len(o.Only) > 0):
		return errors.New("soak goes with neither url nor only: it is a run of its own")
	}
	if o.Old != "" && isPostgres(o.Old) != (o.Database != "") {
		return errors.New("old and database: both must be in PostgreSQL, or neither")
	}
	if o.Sockets < 0 || o.Sockets > sourceSockets*sourceAddresses {
		return fmt.Errorf("sockets: want 0 to %d", sourceSockets*sourceAddresses)
	}
	if o.Scheduled < 0 || o.Scheduled > scheduledMost {
		return fmt.Errorf("scheduled: want 0 to %d", scheduledMost)
	}
	if o.Backlog < 0 || o.Backlog > backlogMost {
		return fmt.Errorf("backlog: want 0 to %d", backlogMost)
	}
	if o.Duration < 0 || o.Rounds < 0 {
		return errors.New("duration and rounds must not be negative")
	}
	if o.Duration == 0 {
		o.Duration = 5 * time.Second
		if o.Quick {
			o.Duration = 200 * time.Millisecond
		}
	}
	if o.Rounds == 0 {
		o.Rounds = 3
		if o.Quick {
			o.Rounds = 2
		}
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	return nil
}
