// Package pgtest runs a private PostgreSQL server for tests.
//
// The server comes from the operating system's package, keeps everything in a
// temporary folder and listens on a loopback port only, so tests neither need
// nor touch a database that somebody set up. It is configured to be as durable
// as a real one: tests take it away in mid-flight and look at what survived.
//
// Most tests want [Shared], together with [Main] in their package's TestMain.
// A test that stops or kills the server needs one of its own from [Start], or
// it would pull the rug from under the tests running beside it.
//
// The package is for Linux: it relies on the kernel to end the server when the
// test process dies.
package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotInstalled is what [Start] returns when the machine has no PostgreSQL
// that it could run.
var ErrNotInstalled = errors.New("PostgreSQL is not installed: run `make setup` (it installs Debian's postgresql package), or put initdb and postgres in PATH")

const (
	superuser = "postgres"   // owner of every database, and the account tests log in with
	osUser    = "postgres"   // whom the server runs as when the tests run as root
	prefix    = "parlor-pg-" // of the temporary folders' names

	startTimeout = 60 * time.Second // crash recovery included
	stopTimeout  = 30 * time.Second // per kind of shutdown
	pollInterval = 20 * time.Millisecond

	// Ports are drawn from below the range that Linux gives to outgoing
	// connections, so that none of those can take a stopped server's port
	// before it comes back.
	minPort, maxPort = 20000, 32000
	portAttempts     = 10
)

// errPortTaken tells Start to try again on another port.
var errPortTaken = errors.New("port is taken")

// Server is one PostgreSQL server with a data folder of its own. Its methods
// may be called from several goroutines.
type Server struct {
	bin   string              // folder of initdb and postgres
	dir   string              // temporary folder: data, log
	lock  *os.File            // dir, locked for as long as this process lives
	owner *syscall.Credential // nil: run as the current user
	port  int

	mu   sync.Mutex // serialises starting and stopping
	proc *process   // nil while the server is down
}

// process is one run of the postgres program.
type process struct {
	os   *os.Process
	done chan struct{} // closed once the program has ended
	fate string        // how it ended; read after done
}

// Start creates a new, empty server and returns once it accepts connections.
// The context bounds the start only; the server runs until [Server.Stop] or the
// end of the test process, however that comes about.
func Start(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	s := &Server{}
	if err := s.prepare(ctx); err != nil {
		s.remove()
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	var err error
	for range portAttempts {
		if s.port, err = freePort(ctx); err != nil {
			break
		}
		if err = s.start(ctx); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		s.remove()
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	return s, nil
}

// DSN returns the connection string of a database of this server.
func (s *Server) DSN(db string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", superuser, s.port, db)
}

// Database creates an empty database under a random name and returns its
// connection string. The databases go away with the server.
func (s *Server) Database(ctx context.Context) (string, error) {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return "", fmt.Errorf("pgtest: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))

	name := "parlor_" + strings.ToLower(rand.Text())
	// template0, because nobody can be connected to it: a template in use
	// cannot be copied.
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", fmt.Errorf("pgtest: %w", err)
	}
	return s.DSN(name), nil
}

// Stop shuts the server down, closing open connections, and removes its folder.
// The server cannot be used afterwards; stopping it again does nothing.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(syscall.SIGINT)
	s.remove()
}

// Kill takes the server away the hard way: connections break at once, nothing
// is flushed or checkpointed, and the next start begins with crash recovery. It
// returns when the last of the server's processes is gone. [Server.StartAgain]
// brings the server back.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	// PostgreSQL's "immediate shutdown" rather than SIGKILL: killing only the
	// main process leaves its children alone for a moment, in which they may
	// still finish, even commit, what they are at.
	s.end(syscall.SIGQUIT)
}

// StartAgain starts a killed server on the same port with the same data and
// returns once it accepts connections. It does nothing if the server is up.
func (s *Server) StartAgain() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.startAgain()
}

// Restart shuts the server down in an orderly way, closing open connections,
// and starts it again on the same port with the same data.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(syscall.SIGINT)
	return s.startAgain()
}

func (s *Server) startAgain() error {
	if s.dir == "" {
		return errors.New("pgtest: the server was stopped for good")
	}
	if s.proc != nil {
		select {
		case <-s.proc.done: // ended by itself, or by somebody else
			s.proc = nil
		default:
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := s.start(ctx); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// prepare finds the programs, makes the temporary folder and the data in it.
func (s *Server) prepare(ctx context.Context) (err error) {
	if s.bin, err = findBinaries(); err != nil {
		return err
	}
	if os.Geteuid() == 0 { // as which PostgreSQL refuses to run
		if s.owner, err = lookupOwner(); err != nil {
			return err
		}
	}
	if err := s.makeDir(); err != nil {
		return err
	}

	initdb := s.command(ctx, "initdb",
		"--pgdata="+s.data(), "--username="+superuser,
		"--encoding=UTF8", "--locale=C", "--auth=trust",
		"--no-sync") // an empty folder needs no protection; what tests write later does
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, tail(out))
	}
	hba := filepath.Join(s.data(), "pg_hba.conf")
	if err := os.WriteFile(hba, []byte("host all all 127.0.0.1/32 trust\n"), 0o600); err != nil {
		return err
	}
	return nil
}

// start runs postgres and waits until it answers. The caller holds s.mu, or is
// the only one to know s.
func (s *Server) start(ctx context.Context) error {
	logFile, err := os.Create(s.log())
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }() // postgres has it open for itself

	settings := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(s.port),
		"unix_socket_directories=",
		"max_connections=200",
		"shared_buffers=32MB",
		"fsync=on",
		"synchronous_commit=on",
		"full_page_writes=on",
	}
	args := []string{"-D", s.data()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	cmd := s.command(context.WithoutCancel(ctx), "postgres", args...)
	cmd.Stdout, cmd.Stderr = logFile, logFile

	proc := &process{done: make(chan struct{})}
	started := make(chan error)
	go supervise(cmd, proc, started)
	if err := <-started; err != nil {
		return err
	}
	s.proc = proc
	if err := s.waitReady(ctx); err != nil {
		s.end(syscall.SIGQUIT)
		out, _ := os.ReadFile(s.log())
		if bytes.Contains(out, []byte("Address already in use")) {
			return fmt.Errorf("%w: %d", errPortTaken, s.port)
		}
		return fmt.Errorf("postgres does not come up: %w\n%s", err, tail(out))
	}
	return nil
}

// supervise runs cmd to its end.
//
// The kernel sends Pdeathsig when the thread that started the program ends, not
// when the whole process does, and Go ends threads as it sees fit. Locking this
// goroutine to its thread and staying here until the server is gone keeps that
// thread alive for exactly as long as it has to be. In return nothing has to be
// running, or to be running well, for the server to go: a test that panics,
// times out or is killed with SIGKILL takes it along.
func supervise(cmd *exec.Cmd, proc *process, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	proc.os = cmd.Process
	started <- nil
	_ = cmd.Wait() // says the same as the state below
	proc.fate = cmd.ProcessState.String()
	close(proc.done)
}

// waitReady connects until that works, and makes sure that it is this server
// that answers: should another one sit on the port, postgres is about to fail.
func (s *Server) waitReady(ctx context.Context) error {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	var last error
	for {
		if last = s.ping(ctx); last == nil {
			return nil
		}
		select {
		case <-s.proc.done:
			return fmt.Errorf("it ended: %s", s.proc.fate)
		case <-ctx.Done():
			return fmt.Errorf("%w; the last attempt: %w", ctx.Err(), last)
		case <-poll.C:
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var data string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&data); err != nil {
		return err
	}
	if data != s.data() {
		return fmt.Errorf("port %d belongs to the server in %s", s.port, data)
	}
	return nil
}

// end sends the signal and waits for the server to be gone, resorting to harder
// ways if it takes too long. The caller holds s.mu.
func (s *Server) end(first syscall.Signal) {
	if s.proc == nil {
		return
	}
	for _, sig := range []syscall.Signal{first, syscall.SIGQUIT, syscall.SIGKILL} {
		_ = s.proc.os.Signal(sig) // fails only if the server has ended, which is what we want
		select {
		case <-s.proc.done:
			s.proc = nil
			return
		case <-time.After(stopTimeout):
		}
	}
	panic("pgtest: PostgreSQL survives SIGKILL")
}

// command prepares a PostgreSQL program to run under the right user.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir // the current folder may be closed to that user
	// Only what is needed: PGDATA, PGPORT or a foreign locale would get in.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: s.owner,
		Pdeathsig:  syscall.SIGQUIT, // immediate shutdown
		Setpgid:    true,            // Ctrl-C is for the tests, who then stop the server
	}
	return cmd
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }
func (s *Server) log() string  { return filepath.Join(s.dir, "log") }

// makeDir makes the temporary folder, in the first place that its owner can
// reach.
func (s *Server) makeDir() error {
	var parent string
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if s.owner == nil || traversable(dir) {
			parent = dir
			break
		}
	}
	if parent == "" {
		return fmt.Errorf("user %s can reach none of %s, /tmp, /var/tmp: open one with chmod o+x", osUser, os.TempDir())
	}
	sweep(parent)

	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return err
	}
	s.dir = dir
	if s.lock, err = lockDir(dir); err != nil {
		return err
	}
	if s.owner != nil {
		return os.Chown(dir, int(s.owner.Uid), int(s.owner.Gid))
	}
	return nil
}

// remove deletes the temporary folder of a server that is down.
func (s *Server) remove() {
	if s.dir == "" {
		return
	}
	_ = os.RemoveAll(s.dir) // a remainder is swept by a later run
	if s.lock != nil {
		_ = s.lock.Close()
	}
	s.dir, s.lock = "", nil
}

// sweep removes the folders of test processes that died without cleaning up, as
// they do when a test times out. It knows them by their lock being free. A
// folder made this very minute may just not be locked yet, so it is left alone.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, prefix+"*"))
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if lock, err := lockDir(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = lock.Close()
		}
	}
}

// lockDir locks a folder for as long as the returned file is open, at most for
// the life of this process.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}

// traversable tells whether every user can reach what is inside dir.
func traversable(dir string) bool {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

// findBinaries returns the folder that holds initdb and postgres: the one in
// PATH, else that of the newest version Debian has installed, which keeps them
// out of PATH.
func findBinaries() (string, error) {
	complete := func(dir string) bool {
		for _, name := range []string{"initdb", "postgres"} {
			if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
				return false
			}
		}
		return true
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if dir := filepath.Dir(initdb); complete(dir) {
			return dir, nil
		}
	}
	newest, found := -1, ""
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, dir := range dirs {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		if err == nil && version > newest && complete(dir) {
			newest, found = version, dir
		}
	}
	if found == "" {
		return "", ErrNotInstalled
	}
	return found, nil
}

// lookupOwner finds the account that PostgreSQL's package creates for it.
func lookupOwner() (*syscall.Credential, error) {
	account, err := user.Lookup(osUser)
	if err != nil {
		return nil, fmt.Errorf("no account to run PostgreSQL under, as root may not (%w): %w", err, ErrNotInstalled)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// freePort returns a loopback port that nobody listens on.
func freePort(ctx context.Context) (int, error) {
	var last error
	for range portAttempts {
		n, err := rand.Int(rand.Reader, big.NewInt(maxPort-minPort))
		if err != nil {
			return 0, err
		}
		port := minPort + int(n.Int64())
		l, err := new(net.ListenConfig).Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			last = err
			continue
		}
		return port, l.Close()
	}
	return 0, fmt.Errorf("no free port between %d and %d: %w", minPort, maxPort, last)
}

// tail returns the last lines of a program's output, enough to see what went
// wrong.
func tail(out []byte) []byte {
	const lines = 20
	out = bytes.TrimSpace(out)
	end := len(out)
	for range lines {
		if end = bytes.LastIndexByte(out[:end], '\n'); end < 0 {
			return out
		}
	}
	return out[end+1:]
}

var shared struct {
	sync.Mutex
	server *Server
	err    error
}

// Shared returns the test binary's common server, starting it on first use. The
// test fails if that is impossible: a test of PostgreSQL that silently did not
// run would be worse. Use [Main] to stop the server when the tests are done.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		// Not the test's own context: the server outlives the test.
		shared.server, shared.err = Start(context.Background())
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// StopShared stops the common server if it was started. It is for a TestMain
// that cannot use [Main], for example because it looks for leaked goroutines;
// the one that waits for a running server is supervise.
func StopShared() {
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		shared.server.Stop()
		shared.server = nil
	}
}

// Main is a TestMain for packages that use [Shared]: it runs the tests, stops
// the server and ends the process.
func Main(m *testing.M) {
	code := m.Run()
	StopShared()
	os.Exit(code)
}
