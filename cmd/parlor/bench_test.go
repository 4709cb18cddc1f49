package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBench: the door hands everything on to the program beside this one, what looks like
// a flag of its own included, and ends as that does.
func TestBench(t *testing.T) {
	parlor := installed(t)
	program := "#!/bin/sh\necho \"args: $*\"\necho \"measures: $PARLOR_BENCH_PARLOR\"\nexit 3\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(parlor), "parlor-bench"), []byte(program), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(parlor, "bench", "--quick", "--help", "--", "-x", "more")
	out, err := cmd.CombinedOutput()
	if want := "args: --quick --help -- -x more\nmeasures: " + parlor + "\n"; string(out) != want {
		t.Errorf("it says %q, want %q", out, want)
	}
	if got := cmd.ProcessState.ExitCode(); got != 3 {
		t.Errorf("exit code %d (%v), want that of parlor-bench", got, err)
	}
}

func TestBenchIsNotThere(t *testing.T) {
	cmd := exec.Command(installed(t), "bench", "--quick")
	cmd.Env = []string{"PATH=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "parlor-bench") || !strings.Contains(string(out), "make build") {
		t.Errorf("%v, %q: want a word of how to get parlor-bench", err, out)
	}
}

// installed is the program in a folder of its own.
func installed(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "parlor")
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, program, 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}
