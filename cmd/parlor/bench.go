package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// benchCmd is a door to parlor-bench, a program of its own: a server need not carry what
// measures it.
type benchCmd struct {
	Args []string `arg:"" optional:"" help:"What parlor-bench takes; see parlor bench --help."`
}

// Run becomes parlor-bench, with the same arguments and for the same signals.
func (c benchCmd) Run() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := exec.LookPath(filepath.Join(filepath.Dir(self), "parlor-bench"))
	if err != nil {
		program, err = exec.LookPath("parlor-bench")
	}
	if err != nil {
		return errors.New("bench needs the program parlor-bench beside this one or in PATH: " +
			"make build builds both into bin/, and a release has both")
	}
	// It measures this parlor, wherever it was found itself.
	env := append(os.Environ(), "PARLOR_BENCH_PARLOR="+self)
	err = syscall.Exec(program, append([]string{program}, c.Args...), env)
	return fmt.Errorf("run %s: %w", program, err)
}
