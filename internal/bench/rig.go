package bench

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// serverKey and appKey are the keys of the servers that bench starts. They listen on loopback and
// hold nothing but made-up data.
const (
	serverKey = "bench:a key for servers that live for minutes"
	appKey    = "bench-app:the same for devices"
)

// spareFiles is how many files a process has open beside its sockets, at most.
const spareFiles = 200

// cleanupTime bounds what removing a row's databases may take.
const cleanupTime = time.Minute

// rig is what one row measures with: its folder, databases and processes, all of which
// go when it is closed.
type rig struct {
	o       Options
	sizes   sizes
	show    *progress
	row     string
	run     string // names what this run makes, apart from what others have made
	names   string // begins the ids of users and rooms: run, but in a database that was filled before
	dir     string // "" when a running server is driven
	closers []func() error
	schemas []string
	profile string   // where the server writes its profile; "" means nowhere
	leftOut []string // parts of the row that could not be measured, and why
}

func newRig(o Options, row string, show *progress) (*rig, error) {
	g := &rig{o: o, sizes: fullSizes(), show: show, row: row, run: strconv.FormatInt(time.Now().UnixMilli(), 36)}
	g.names = g.run
	if o.Quick {
		g.sizes = quickSizes()
	}
	if o.Scheduled > 0 {
		g.sizes.scheduled = o.Scheduled
	}
	if o.Backlog > 0 {
		g.sizes.backlog = o.Backlog
	}
	if o.URL != "" {
		return g, nil
	}
	dir, err := os.MkdirTemp(o.Dir, "parlor-bench-"+row+"-")
	if err != nil {
		return nil, fmt.Errorf("temporary folder: %w", err)
	}
	g.dir = dir
	return g, nil
}

// close stops what still runs and removes what the row has made. It does so after an
// interrupt too, which has ended ctx.
func (g *rig) close(ctx context.Context) error {
	var errs []error
	for _, c := range slices.Backward(g.closers) {
		errs = append(errs, c())
	}
	if g.dir == "" {
		return errors.Join(errs...)
	}
	if g.o.Keep {
		g.show.say("%s: kept %s %v", g.row, g.dir, g.schemas)
		return errors.Join(errs...)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	return errors.Join(append(errs, g.dropSchemas(ctx), os.RemoveAll(g.dir))...)
}

// target is a server that can be called.
type target struct {
	url  string // http://host:port, without a slash at the end
	path string // of the API's calls
	key  string // the Server-Key header
	own  *server
	// cpu reads how many seconds of processor time the server has used so far; nil when
	// it does not tell.
	cpu func(context.Context) (float64, error)
}

// newTarget is a server that we have started.
func newTarget(s *server) target {
	t := target{url: s.url, key: header(serverKey), own: s}
	t.cpu = func(ctx context.Context) (float64, error) { return cpuSeconds(ctx, s.url) }
	return t
}

// call is the target of one call of the server API, such as "room/get".
func (t target) call(name string) target {
	t.path = "/v1/server/" + name
	return t
}

// fate says in err what became of the process, if it is one of ours.
func (t target) fate(err error) error {
	if t.own == nil {
		return err
	}
	return t.own.fate(err)
}

// target starts a server on a new database, or names the running one.
func (g *rig) target(ctx context.Context, name string) (target, error) {
	if g.o.URL != "" {
		t := target{url: g.o.URL, key: header(g.o.Key)}
		if !g.o.noCPU {
			t.cpu = func(ctx context.Context) (float64, error) { return cpuSeconds(ctx, t.url) }
		}
		return t, nil
	}
	db, err := g.newDatabase(ctx, name)
	if err != nil {
		return target{}, err
	}
	return g.serve(ctx, db)
}

// serve starts a server on db, which has the settings of a server that nobody
// configured.
func (g *rig) serve(ctx context.Context, db database) (target, error) {
	return g.serveBy(ctx, g.o.Executable, db)
}

// serveBy is serve with another program than the one that is measured, and with more settings in
// its environment.
func (g *rig) serveBy(ctx context.Context, program string, db database, settings ...string) (target, error) {
	args := []string{"serve"}
	if g.profile != "" {
		args = append(args, "--profile", g.profile)
	}
	s, err := startServer(ctx, program, append([]string{
		"PARLOR_DATA=" + db.folder, "PARLOR_DATABASE=" + db.dsn, // a flag would show the password
		"PARLOR_SERVER_KEY=" + serverKey, "PARLOR_APP_KEY=" + appKey,
		"PARLOR_LOG_LEVEL=warn",
	}, settings...), args...)
	if err != nil {
		return target{}, fmt.Errorf("start a server: %w", err)
	}
	g.closers = append(g.closers, s.stop)
	return newTarget(s), nil
}

// byEngine is what belongs to the engine that is measured on. That of a running server is
// not known; it is taken for the embedded one.
func byEngine[T any](g *rig, embedded, postgres T) T {
	return byOptions(g.o, embedded, postgres)
}

func byOptions[T any](o Options, embedded, postgres T) T {
	if o.Database != "" {
		return postgres
	}
	return embedded
}

func header(key string) string { return base64.StdEncoding.EncodeToString([]byte(key)) }

// bare starts the ceiling of calls whose answer has size bytes.
func (g *rig) bare(ctx context.Context, size int) (target, error) {
	s, err := startServer(ctx, g.o.Self, nil, "bare-http", "--size", strconv.Itoa(size))
	if err != nil {
		return target{}, fmt.Errorf("start the bare handler: %w", err)
	}
	g.closers = append(g.closers, s.stop)
	return newTarget(s), nil
}

// bareSockets starts the ceiling of whatever comes over sockets.
func (g *rig) bareSockets(ctx context.Context) (target, error) {
	s, err := startServer(ctx, g.o.Self, nil, "bare-sockets")
	if err != nil {
		return target{}, fmt.Errorf("start the bare WebSocket server: %w", err)
	}
	g.closers = append(g.closers, s.stop)
	return newTarget(s), nil
}

// enoughFiles fails if this process, or one that it starts, cannot have n sockets.
func (g *rig) enoughFiles(n int) error {
	most, err := maxFiles()
	if err == nil && n+spareFiles > most {
		err = fmt.Errorf("%d open files are needed, and the limit is %d (ulimit -Hn)", n+spareFiles, most)
	}
	return err
}

// leaveOut notes what could not be measured, and why.
func (g *rig) leaveOut(format string, args ...any) {
	g.leftOut = append(g.leftOut, g.row+": "+fmt.Sprintf(format, args...))
}

// folder names a folder inside the rig's.
func (g *rig) folder(name string) string { return filepath.Join(g.dir, name) }

// xc is a customer's id that no other run uses.
func (g *rig) xc(kind string, n int) string { return g.names + "-" + kind + "-" + strconv.Itoa(n) }
