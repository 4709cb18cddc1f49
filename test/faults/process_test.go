package faults

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parlor/internal/store"
	"parlor/test/env/pgtest"
)

const (
	serverKey = "faults:a secret for these tests"
	// patience bounds every wait for something that must come about.
	patience = 30 * time.Second
)

// eachEngine runs test with a new database of each kind.
func eachEngine(t *testing.T, test func(t *testing.T, o store.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteIn(t.TempDir())) })
	t.Run("postgres", func(t *testing.T) {
		dsn, err := pgtest.Shared(t).Database(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		test(t, store.Options{DSN: dsn})
	})
}

// sqliteIn is the database of a server with this data folder.
func sqliteIn(dir string) store.Options {
	return store.Options{Path: filepath.Join(dir, "parlor.db")}
}

// process is a running parlor.
type process struct {
	*client
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	log  *logBook
}

// start runs a server on o and returns once it says that it serves. It ends with the
// test, at the latest.
func start(t *testing.T, o store.Options, args ...string) *process {
	t.Helper()
	where := []string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--data", filepath.Dir(o.Path)}
	if o.DSN != "" {
		where = append(where, "--database", o.DSN)
	}
	p := &process{
		cmd:  exec.Command(program, append(where, args...)...),
		done: make(chan struct{}), log: &logBook{ready: make(chan string, 1)},
	}
	p.cmd.Dir = t.TempDir() // where nothing of an earlier run can lie about
	p.cmd.Env = []string{"PARLOR_SERVER_KEY=" + serverKey, "PARLOR_APP_KEY=app:another secret for tests", "HOME=" + p.cmd.Dir}
	p.cmd.Stderr = p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() { // ends with the process
		// The kernel takes the end of this thread for the end of the parent.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // says no more than the state that it leaves
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		p.close()
		if t.Failed() {
			t.Logf("the end of parlor's log:\n%s", p.log.tail())
		}
	})
	select {
	case addr := <-p.log.ready:
		p.client = newClient("http://" + addr)
	case <-p.done:
		t.Fatalf("parlor ended at its start: %s\n%s", p.cmd.ProcessState, p.log.tail())
	case <-time.After(patience):
		t.Fatalf("parlor does not get ready\n%s", p.log.tail())
	}
	return p
}

// kill ends the process as a power cut does and returns when it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only when it has ended, which is what we want
	<-p.done
}

// terminate asks the process to end and returns its exit code.
func (p *process) terminate(t *testing.T) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatal("parlor does not end when it is told to")
	}
	return p.cmd.ProcessState.ExitCode()
}

// running reports whether the process is up.
func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// logBook takes a server's log, finds the address in it and keeps its end.
type logBook struct {
	ready chan string

	mu    sync.Mutex
	part  []byte // of a line
	lines []string
}

// Write takes a piece of the log.
func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		line, rest, whole := bytes.Cut(l.part, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		var entry struct{ Msg, Address string }
		if json.Unmarshal(line, &entry) == nil && entry.Msg == "parlor is ready" {
			l.ready <- entry.Address
		}
		l.lines = append(l.lines, string(line[:min(len(line), 400)]))
		if len(l.lines) > 20 {
			l.lines = l.lines[1:]
		}
		l.part = rest
	}
}

func (l *logBook) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for ; !cond(); <-poll.C {
		if time.Now().After(deadline) {
			t.Fatalf("it never came about: %s", what)
		}
	}
}
