package faults

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/process"
)

// patience bounds every wait for something that must come about.
const patience = 2 * time.Minute

// eachEngine runs test with a new database of each kind.
func eachEngine(t *testing.T, test func(t *testing.T, o store.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteIn(t.TempDir())) })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t)) })
}

// sqliteIn is the database of a server with this data folder.
func sqliteIn(dir string) store.Options {
	return store.Options{Path: filepath.Join(dir, "parlor.db")}
}

// parlor is a running server.
type parlor struct {
	*server
	*process.Process
	log *logBook
}

// start runs a server on o and returns once it says that it serves. It ends with the
// test, at the latest.
func start(t *testing.T, o store.Options, args ...string) *parlor {
	t.Helper()
	return startWith(t, o, nil, args...)
}

// startWith is start with more variables in the environment.
func startWith(t *testing.T, o store.Options, env []string, args ...string) *parlor {
	t.Helper()
	where := []string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--data", filepath.Dir(o.Path)}
	if o.DSN != "" {
		where = append(where, "--database", o.DSN)
	}
	p := &parlor{log: &logBook{ready: make(chan string, 1)}}
	cmd := exec.Command(program, append(where, args...)...)
	cmd.Dir = t.TempDir() // where nothing of an earlier run can lie about
	cmd.Env = append([]string{"PARLOR_SERVER_KEY=" + serverKey, "PARLOR_APP_KEY=" + appKey, "HOME=" + cmd.Dir}, env...)
	cmd.Stderr = p.log
	var err error
	if p.Process, err = process.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		p.close()
		if t.Failed() {
			t.Logf("the end of parlor's log:\n%s", p.log.tail())
		}
	})
	select {
	case addr := <-p.log.ready:
		p.server = newServer(t, "http://"+addr)
	case <-p.Done():
		t.Fatalf("parlor ended at its start: %s\n%s", p.Fate(), p.log.tail())
	case <-time.After(patience):
		t.Fatalf("parlor does not get ready\n%s", p.log.tail())
	}
	return p
}

// terminate asks the process to end and returns its exit code.
func (p *parlor) terminate(t *testing.T) int {
	t.Helper()
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	case <-time.After(patience):
		t.Fatal("parlor does not end when it is told to")
	}
	return p.ExitCode()
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
