package bench_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parlor/internal/bench"
)

func TestCommand(t *testing.T) {
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "figures.json")
	cmd := exec.CommandContext(t.Context(), bench.Programs.Bench, "--quick", "--only", "room-get,startup",
		"--duration", "50ms",
		"--rounds", "1", "--dir", dir, "--json", file)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	for _, want := range []string{"bare net/http handler", "start to ready", "goals"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(said.String(), "\x1b") {
		t.Errorf("the progress has control characters, and this is no terminal: %q", said.String())
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	checkNothingLeft(t, dir)
}

// Ctrl-C ends the run at once, and all that it has started and made goes.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), bench.Programs.Bench, "--quick", "--only", "create", "--duration", "1m",
		"--dir", dir)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	// The second ceiling's database is made right before the measuring begins.
	for begun := false; !begun; {
		made, _ := filepath.Glob(filepath.Join(dir, "*", "raw-names", "parlor.db"))
		begun = len(made) > 0
		select {
		case err := <-ended:
			t.Fatalf("it ended by itself: %v\n%s", err, said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("an interrupted run was a success")
		}
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		t.Errorf("it did not end before it was killed: %v", <-ended)
	}
	checkNothingLeft(t, dir)
}

// checkNothingLeft fails if dir holds anything or a process of the programs is alive.
func checkNothingLeft(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		t.Errorf("%s is left behind", e.Name())
	}
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, l := range links {
		if exe, err := os.Readlink(l); err == nil && strings.HasPrefix(exe, bench.Programs.Parlor) {
			t.Errorf("process %s is left behind", filepath.Base(filepath.Dir(l)))
		}
	}
}
