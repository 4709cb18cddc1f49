// Package process runs the programs that tests need: each ends with the test process, however that comes about.
//
// The package is for Linux: it relies on the kernel for that.
package process

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// Process is one run of a program.
type Process struct {
	os   *os.Process
	done chan struct{} // closed once the program has ended
	fate *os.ProcessState
}

// Start starts cmd and returns once it runs. The program gets signal when this process ends: SIGKILL, or what it
// takes for the order to stop at once. cmd's output must not be a pipe of its own: see StartPiped.
func Start(cmd *exec.Cmd, signal syscall.Signal) (*Process, error) {
	return StartPiped(cmd, signal, func() {})
}

// StartPiped is Start for a program whose output comes by cmd.StdoutPipe. read reads it to its end.
func StartPiped(cmd *exec.Cmd, signal syscall.Signal, read func()) (*Process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = signal
	p := &Process{done: make(chan struct{})}
	started := make(chan error)
	go p.supervise(cmd, read, started) // ends with the program
	return p, <-started
}

// supervise runs cmd to its end.
//
// The kernel sends Pdeathsig when the thread that started the program ends, not when the whole process does, and
// Go ends threads as it sees fit. Locking this goroutine to its thread and staying here until the program is gone
// keeps that thread alive for exactly as long as it has to be. In return nothing has to be running, or to be
// running well, for the program to go: a test that panics, times out or is killed with SIGKILL takes it along.
func (p *Process) supervise(cmd *exec.Cmd, read func(), started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	p.os = cmd.Process
	started <- nil
	read()
	_ = cmd.Wait() // says no more than the state that it leaves
	p.fate = cmd.ProcessState
	close(p.done)
}

// Done is closed once the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Running reports whether the program is up.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Fate tells how a program ended of which Done is closed, as in "exit status 1".
func (p *Process) Fate() string { return p.fate.String() }

// ExitCode is that of a program of which Done is closed, -1 if a signal has ended it.
func (p *Process) ExitCode() int { return p.fate.ExitCode() }

// PID is the number that the system knows the program by.
func (p *Process) PID() int { return p.os.Pid }

// Signal sends a signal. The error says that the program has ended.
func (p *Process) Signal(signal syscall.Signal) error { return p.os.Signal(signal) }

// Kill ends the program as a power cut does, and returns when it is gone.
func (p *Process) Kill() {
	_ = p.os.Kill() // fails only when it has ended, which is what we want
	<-p.done
}
