// Package s3test runs a private object store that speaks S3, for tests. It is a process of its own on a
// loopback port, keeps its objects in a folder, and refuses whoever signs wrongly. Its program is the one that
// tools/go.mod pins.
//
// The package is for Linux: it relies on the kernel to end the store when the test process dies.
package s3test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"parlor/test/env/process"
	"parlor/test/env/tool"
)

// The store's only key, and its region.
const (
	KeyID  = "TESTKEY"
	Secret = "the secret of the test key"
	Region = "test-1"
)

const (
	startTimeout = 30 * time.Second
	pollInterval = 20 * time.Millisecond
)

// errEnded tells that the program ended before it answered.
var errEnded = errors.New("versitygw ended")

// Server is one object store.
type Server struct {
	dir  string
	port int
	proc *process.Process
}

// Run starts a store for one test, which fails if that is impossible, and stops it afterwards.
func Run(t testing.TB) *Server {
	t.Helper()
	program, err := tool.Program(t.Context(), "versitygw", "github.com/versity/versitygw/cmd/versitygw")
	if err != nil {
		t.Fatalf("s3test: %v", err)
	}
	s := &Server{dir: t.TempDir()}
	for _, folder := range []string{s.Folder(""), s.sidecar()} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for range process.PortAttempts {
		if s.port, err = process.FreePort(t.Context()); err != nil {
			break
		}
		// The port may have been taken in between.
		if err = s.start(t.Context(), program); !errors.Is(err, errEnded) {
			break
		}
	}
	if err != nil {
		t.Fatalf("s3test: %v", err)
	}
	t.Cleanup(s.proc.Kill)
	return s
}

// URL is the store's address.
func (s *Server) URL() string { return "http://127.0.0.1:" + strconv.Itoa(s.port) }

// Folder is where the objects of a bucket are, as files by their keys.
func (s *Server) Folder(bucket string) string { return filepath.Join(s.dir, "data", bucket) }

// sidecar is where the store keeps what is known of its objects.
func (s *Server) sidecar() string { return filepath.Join(s.dir, "sidecar") }

// Bucket makes a bucket.
func (s *Server) Bucket(t testing.TB, name string) {
	t.Helper()
	if err := os.Mkdir(s.Folder(name), 0o700); err != nil {
		t.Fatal(err)
	}
}

// start runs the program and waits until it answers.
func (s *Server) start(ctx context.Context, program string) error {
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the store has it open for itself
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, "--port", "127.0.0.1:"+strconv.Itoa(s.port),
		"--access", KeyID, "--secret", Secret, "--region", Region, "--health", "/health", "--quiet",
		"posix", "--sidecar", s.sidecar(), s.Folder(""))
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the tests, who then stop the store
	if s.proc, err = process.Start(cmd, syscall.SIGKILL); err != nil {
		return err
	}
	if err := s.waitReady(ctx); err != nil {
		s.proc.Kill()
		out, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (s *Server) waitReady(ctx context.Context) error {
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
		case <-s.proc.Done():
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("versitygw does not come up: %w", last)
		case <-poll.C:
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/health", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // only its status counts
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
