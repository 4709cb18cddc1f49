package sdkmodel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"parlor/test/env/process"
)

// patience bounds every wait for something that must come about.
const patience = 60 * time.Second

// node is a running server.
type node struct {
	*process.Process
	url   string
	input io.WriteCloser
	lines chan string // of its output
	log   *tail
}

// start runs a server and returns once it serves.
func start(s settings) (*node, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	p := &node{lines: make(chan string, 1), log: &tail{}}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), settingsEnv+"="+string(text))
	cmd.Stderr = p.log
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.input, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	p.Process, err = process.StartPiped(cmd, syscall.SIGKILL, func() {
		for lines := bufio.NewScanner(output); lines.Scan(); {
			p.lines <- lines.Text()
		}
	})
	if err != nil {
		return nil, err
	}
	select {
	case line := <-p.lines:
		p.url = "http://" + line
		return p, nil
	case <-p.Done():
		return nil, fmt.Errorf("the server ended at its start: %s\n%s", p.Fate(), p.log)
	case <-time.After(patience):
		p.kill()
		return nil, fmt.Errorf("the server does not get ready\n%s", p.log)
	}
}

// kill ends the process as a power cut does and returns when it is gone.
func (p *node) kill() {
	_ = p.Signal(syscall.SIGKILL) // fails only when it has ended, which is what we want
	for {
		select {
		case <-p.lines:
		case <-p.Done():
			return
		}
	}
}

// set sets the process's clock.
func (p *node) set(r reading) error {
	if _, err := fmt.Fprintf(p.input, "%d %d\n", r.Offset.Milliseconds(), r.Still); err != nil {
		return err
	}
	select {
	case <-p.lines:
		return nil
	case <-p.Done():
		return errors.New("the server has ended")
	}
}

// tail keeps the end of a server's log, and whatever tells of a fault in the program.
type tail struct {
	mu     sync.Mutex
	part   []byte // of a line
	lines  []string
	faults []string
}

// Write takes a piece of the log.
func (l *tail) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		line, rest, whole := bytes.Cut(l.part, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		text := string(line)
		for _, sign := range []string{"DATA RACE", "panic", "level=ERROR"} {
			if strings.Contains(text, sign) && len(l.faults) < 20 {
				l.faults = append(l.faults, text)
			}
		}
		if l.lines = append(l.lines, text); len(l.lines) > 60 {
			l.lines = l.lines[1:]
		}
		l.part = rest
	}
}

// String is the end of the log.
func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// found returns the signs of faults that have come up to now.
func (l *tail) found() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.faults
}
