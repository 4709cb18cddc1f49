package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"parlor/test/env/process"
)

const (
	stopTimeout  = 30 * time.Second // per kind of shutdown
	pollInterval = 20 * time.Millisecond
)

// errPortTaken tells Start to try again on another port.
var errPortTaken = errors.New("port is taken")

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

	if s.proc, err = process.Start(cmd, syscall.SIGQUIT); err != nil { // an immediate shutdown
		s.proc = nil
		return err
	}
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
		case <-s.proc.Done():
			return fmt.Errorf("it ended: %s", s.proc.Fate())
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
		_ = s.proc.Signal(sig) // fails only if the server has ended, which is what we want
		select {
		case <-s.proc.Done():
			s.proc = nil
			return
		case <-time.After(stopTimeout):
		}
	}
	panic("pgtest: PostgreSQL survives SIGKILL")
}

// command prepares a PostgreSQL program to run under the right user.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	path := filepath.Join(s.bin, name)
	if _, err := os.Stat(path); err != nil {
		// The others are beside it: of some, PATH has nothing but links.
		if initdb, err := filepath.EvalSymlinks(filepath.Join(s.bin, "initdb")); err == nil {
			path = filepath.Join(filepath.Dir(initdb), name)
		}
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = s.dir // the current folder may be closed to that user
	// Only what is needed: PGDATA, PGPORT or a foreign locale would get in.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: s.owner,
		Setpgid:    true, // Ctrl-C is for the tests, who then stop the server
	}
	return cmd
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
