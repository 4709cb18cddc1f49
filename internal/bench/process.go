package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	stopGrace = 20 * time.Second // before a process that was asked to stop is killed
	keptTail  = 4 << 10          // bytes of a process' last words
	endDelay  = 100 * time.Millisecond
)

// process is one that the bench has started: a server under test, or a ceiling.
type process struct {
	cmd  *exec.Cmd
	ask  context.CancelFunc // asks it to stop; it is killed stopGrace later
	said tail
	done chan struct{} // closed when the process has ended
}

// startProcess runs exe with env added to an environment that holds no other settings of
// a Parlor. The end of ctx does not end it: it is to be stopped in order.
func startProcess(ctx context.Context, exe string, env []string, args ...string) (*process, error) {
	ctx, ask := context.WithCancel(context.WithoutCancel(ctx))
	p := &process{cmd: exec.CommandContext(ctx, exe, args...), ask: ask, done: make(chan struct{})}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PARLOR_") {
			p.cmd.Env = append(p.cmd.Env, v)
		}
	}
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stderr = &p.said
	p.cmd.SysProcAttr = childAttributes()
	p.cmd.Cancel, p.cmd.WaitDelay = p.terminate, stopGrace
	started := make(chan error, 1)
	go p.supervise(started) // ends with the process
	return p, <-started
}

// supervise waits for the process to end. On Linux the kernel ends it with the thread
// that started it, so that nothing is left behind by a bench that was killed; staying
// on this thread keeps it alive until then.
func (p *process) supervise(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	defer p.ask()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // its state says the same
	}
}

// terminate asks for an end in order, where the system has a way to.
func (p *process) terminate() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return p.cmd.Process.Kill()
	}
	return nil
}

// stop asks the process to end and returns when it has. It fails if the process did not
// end by itself. A process that has ended before is nobody's failure here: see fate.
func (p *process) stop() error {
	if p.ended() {
		return nil
	}
	p.ask()
	<-p.done
	if s := p.cmd.ProcessState; s != nil && !s.Exited() {
		return fmt.Errorf("process %d did not stop by itself (%s); it said: %s", s.Pid(), s, p.said.String())
	}
	return nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// fate adds to an error what became of the process, if it has ended: connections break
// a moment before that is known.
func (p *process) fate(err error) error {
	select {
	case <-p.done:
		return fmt.Errorf("%w; the process ended (%s) and said: %s", err, p.cmd.ProcessState, p.said.String())
	case <-time.After(endDelay):
		return err
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if n := len(t.kept); n > keptTail {
		t.kept = append(t.kept[:0], t.kept[n-keptTail:]...)
	}
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.kept))
}
