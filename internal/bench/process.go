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

// child is a process that this one has started.
type child struct {
	cmd  *exec.Cmd
	said tail
	done chan struct{} // closed when the process has ended
}

// startChild runs exe with env added to an environment that holds no other settings of
// a Parlor.
func startChild(ctx context.Context, exe string, env []string, args ...string) (*child, error) {
	c := &child{done: make(chan struct{})}
	// Not ended by ctx: it would be killed, where it is to be stopped in order.
	c.cmd = exec.CommandContext(context.WithoutCancel(ctx), exe, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PARLOR_") {
			c.cmd.Env = append(c.cmd.Env, v)
		}
	}
	c.cmd.Env = append(c.cmd.Env, env...)
	c.cmd.Stderr = &c.said
	c.cmd.SysProcAttr = childAttributes()
	started := make(chan error, 1)
	go c.supervise(started)
	return c, <-started
}

// supervise waits for the process to end. On Linux the kernel ends it with the thread
// that started it, so that nothing is left behind by a bench that was killed; staying
// on this thread keeps it alive until then.
func (c *child) supervise(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err == nil {
		_ = c.cmd.Wait() // its state says the same
	}
	close(c.done)
}

// stop asks the process to end in order, and kills it if it does not.
func (c *child) stop() error {
	if c.ended() {
		return nil
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		_ = c.cmd.Process.Kill() // a system without signals, or the process has just ended
	}
	select {
	case <-c.done:
		return nil
	case <-time.After(stopGrace):
	}
	_ = c.cmd.Process.Kill()
	<-c.done
	return fmt.Errorf("process %d had to be killed; it said: %s", c.cmd.Process.Pid, c.said.String())
}

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// fate adds to an error what became of the process, if it has ended: connections break
// a moment before that is known.
func (c *child) fate(err error) error {
	select {
	case <-c.done:
		return fmt.Errorf("%w; the process ended (%s) and said: %s", err, c.cmd.ProcessState, c.said.String())
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
