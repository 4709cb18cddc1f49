// Package natstest runs a private NATS server for tests.
//
// The server is a process of its own on a loopback port, without JetStream, so that tests
// can kill, suspend and start it again, and neither need nor touch one that somebody set
// up. Its program is the one that tools/go.mod pins.
//
// The package is for Linux: it relies on the kernel to end the server when the test
// process dies.
package natstest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parlor/test/env/process"
	"parlor/test/env/tool"
)

const (
	startTimeout = 30 * time.Second
	pollInterval = 10 * time.Millisecond
)

// errEnded tells that the program ended before it answered.
var errEnded = errors.New("nats-server ended")

// Server is one NATS server. Its methods may be called from several goroutines.
type Server struct {
	program string
	args    []string
	name    string // random, to know the server by
	dir     string // of its log
	port    int

	mu   sync.Mutex       // serialises starting and stopping
	proc *process.Process // nil while the server is down
}

// Run starts a server for one test, which fails if that is impossible, and stops it
// afterwards. Args are further arguments of nats-server.
func Run(t testing.TB, args ...string) *Server {
	t.Helper()
	s, err := Start(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Start starts a server and returns once it answers. The context bounds the start only;
// the server runs until [Server.Stop] or the end of the test process.
func Start(ctx context.Context, args ...string) (*Server, error) {
	program, err := tool.Program(ctx, "nats-server", "github.com/nats-io/nats-server/v2")
	if err != nil {
		return nil, fmt.Errorf("natstest: %w", err)
	}
	dir, err := os.MkdirTemp("", "parlor-nats-")
	if err != nil {
		return nil, fmt.Errorf("natstest: %w", err)
	}
	s := &Server{program: program, args: args, name: "test-" + rand.Text(), dir: dir}
	for range process.PortAttempts {
		if s.port, err = process.FreePort(ctx); err != nil {
			break
		}
		// The port may have been taken in between.
		if err = s.start(ctx); !errors.Is(err, errEnded) {
			break
		}
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("natstest: %w", err)
	}
	return s, nil
}

// Address returns the server's host:port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL returns the server's address as clients want it.
func (s *Server) URL() string { return "nats://" + s.Address() }

// Kill takes the server away with SIGKILL, and returns when it is gone.
// [Server.StartAgain] brings it back. It does nothing if the server is down.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return
	}
	s.proc.Kill()
	s.proc = nil
}

// StartAgain starts a killed server on the same port and returns once it answers. It does
// nothing if the server is up.
func (s *Server) StartAgain() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		return errors.New("natstest: the server was stopped for good")
	}
	if s.proc != nil {
		return nil
	}
	if err := s.start(context.Background()); err != nil {
		return fmt.Errorf("natstest: %w", err)
	}
	return nil
}

// Pause suspends the server: its connections stay open, and nobody answers.
func (s *Server) Pause() error { return s.signal(syscall.SIGSTOP) }

// Resume ends a pause.
func (s *Server) Resume() error { return s.signal(syscall.SIGCONT) }

// Stop ends the server for good; stopping it again does nothing.
func (s *Server) Stop() {
	s.Kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir != "" {
		_ = os.RemoveAll(s.dir) // a log file, in a temporary folder
		s.dir = ""
	}
}

func (s *Server) signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return errors.New("natstest: the server is down")
	}
	return s.proc.Signal(sig)
}

// start runs the program and waits until it answers. The caller holds s.mu, or is the
// only one to know s.
func (s *Server) start(ctx context.Context) error {
	logFile, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = logFile.Close() }() // the server has it open for itself

	args := append([]string{"--addr", "127.0.0.1", "--port", strconv.Itoa(s.port), "--name", s.name}, s.args...)
	cmd := exec.CommandContext(context.WithoutCancel(ctx), s.program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, logFile, logFile
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the tests, who then stop the server
	proc, err := process.Start(cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	if err := s.waitReady(ctx, proc); err != nil {
		proc.Kill()
		out, _ := os.ReadFile(logFile.Name())
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(out))
	}
	s.proc = proc
	return nil
}

// waitReady connects until this server answers, and no other that sits on the port.
func (s *Server) waitReady(ctx context.Context, proc *process.Process) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		last := s.ping(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-proc.Done():
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("nats-server does not come up: %w", last)
		case <-poll.C:
		}
	}
}

// ping reads the server's greeting.
func (s *Server) ping(ctx context.Context) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp4", s.Address())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	var info struct {
		Name string `json:"server_name"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "INFO ")), &info); err != nil {
		return err
	}
	if info.Name != s.name {
		return fmt.Errorf("port %d belongs to another server", s.port)
	}
	return nil
}
