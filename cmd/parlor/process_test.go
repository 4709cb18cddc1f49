package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a `parlor serve` that runs.
type process struct {
	url            string
	stdout, stderr *output
	cmd            *exec.Cmd
	ended          chan struct{} // closed when it has
}

// start runs `parlor serve` on a free port until the test ends, and returns when it
// serves.
func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := launch(t, env, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	ready := p.stderr.wait(t, p, regexp.MustCompile(`msg="parlor is ready".* address=(\S+)`))
	p.url = "http://" + ready[1]
	return p
}

// launch runs `parlor serve` until the test ends.
func launch(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{
		stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{}),
		cmd: exec.Command(binary, append([]string{"serve"}, args...)...),
	}
	p.cmd.Env, p.cmd.Dir = environment(env), t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process
		_ = p.cmd.Wait() // its exit code says all
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails if it has ended, which is what we want
		<-p.ended
		if log := p.stderr.String(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic") {
			t.Errorf("serve:\n%s", log)
		}
	})
	return p
}

// stop sends a signal and returns the exit code.
func (p *process) stop(t *testing.T, sig syscall.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	return p.wait(t)
}

// wait returns the exit code.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(runLimit):
		t.Fatalf("it does not end:\n%s", p.stderr)
		return 0
	}
}

// output is what a process writes, to be read while it runs.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{} // has an entry when something was written since the last look
}

func newOutput() *output { return &output{wrote: make(chan struct{}, 1)} }

// Write takes what the process writes.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.wrote <- struct{}{}:
	default:
	}
	return o.text.Write(b)
}

// String is what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// wait returns the first match of pattern, once it is there.
func (o *output) wait(t *testing.T, p *process, pattern *regexp.Regexp) []string {
	t.Helper()
	limit := time.After(runLimit)
	for {
		if match := pattern.FindStringSubmatch(o.String()); match != nil {
			return match
		}
		select {
		case <-o.wrote:
		case <-p.ended:
			if match := pattern.FindStringSubmatch(o.String()); match != nil {
				return match
			}
			t.Fatalf("it ended without %s:\n%s%s", pattern, p.stdout, p.stderr)
		case <-limit:
			t.Fatalf("no %s in\n%s%s", pattern, p.stdout, p.stderr)
		}
	}
}

// answer is an envelope.
type answer struct {
	Status int
	Error  struct{ Code, Message string }
	Data   struct {
		Room  struct{ RoomID, Name string }
		Roles []struct{ Code string }
	}
}

// call calls an endpoint with a key, "id:secret".
func (p *process) call(t *testing.T, key, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v1/server/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Server-Key", base64.StdEncoding.EncodeToString([]byte(key)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, text)
}

func decode(t *testing.T, text []byte) (a answer) {
	t.Helper()
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("no envelope: %v: %q", err, text)
	}
	return a
}

// accepts says whether the server takes a key, and refuses with which code it does not.
func (p *process) accepts(t *testing.T, key string) bool {
	t.Helper()
	return p.refuses(t, key) == ""
}

func (p *process) refuses(t *testing.T, key string) (code string) {
	t.Helper()
	return p.call(t, key, "role/list", "{}").Error.Code
}

// until waits for a condition.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(runLimit)
	for poll := time.NewTicker(time.Millisecond); !cond(); <-poll.C {
		if time.Now().After(deadline) {
			t.Fatalf("it never came about: %s", what)
		}
	}
}
