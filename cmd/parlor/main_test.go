// These tests run the program as an operator does: the real binary, with a folder of its
// own for each test.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// testVersion is linked into the binary of the tests.
const testVersion = "v1.2.3-test"

// binary is the program.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "parlor-cmd-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }() // the system sweeps what is left
		binary = filepath.Join(dir, "parlor")
		if out, err := build(binary).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// build makes the program with the race detector if the tests have it, and with their
// compiler flags: then everything but this package is compiled already, and the program is
// watched as well.
func build(file string) *exec.Cmd {
	args := []string{"build", "-buildvcs=false", "-ldflags", "-X main.version=" + testVersion, "-o", file}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "-race", "-gcflags":
				args = append(args, s.Key+"="+s.Value)
			}
		}
	}
	return exec.Command("go", append(args, ".")...)
}

// outcome is how a command ended.
type outcome struct {
	stdout, stderr string
	code           int
}

// runLimit is far more than any command takes.
const runLimit = time.Minute

// run runs the program to its end with these variables and no others of its own.
func run(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	return runWith(t, env, "", args...)
}

// answering is succeed for a command that asks, with what is typed.
func answering(t *testing.T, typed string, args ...string) string {
	t.Helper()
	got := runWith(t, nil, typed, args...)
	if got.code != 0 {
		t.Fatalf("parlor %s: exit code %d\n%s%s", strings.Join(args, " "), got.code, got.stdout, got.stderr)
	}
	return got.stdout
}

// runWith is run with something typed.
func runWith(t *testing.T, env []string, typed string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env, cmd.Dir = environment(env), t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(typed), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "DATA RACE") || strings.Contains(stderr.String(), "panic:") {
		t.Errorf("parlor %s:\n%s", strings.Join(args, " "), &stderr)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func environment(more []string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, more...)
}

// succeed is run for a command that must succeed; it returns what that printed.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	got := run(t, nil, args...)
	if got.code != 0 {
		t.Fatalf("parlor %s: exit code %d\n%s%s", strings.Join(args, " "), got.code, got.stdout, got.stderr)
	}
	return got.stdout
}

// fail is run for a command that must fail and say why, in one line that people can read.
func fail(t *testing.T, env []string, why string, args ...string) {
	t.Helper()
	got := run(t, env, args...)
	if got.code != 1 {
		t.Errorf("parlor %s: exit code %d\n%s%s", strings.Join(args, " "), got.code, got.stdout, got.stderr)
	}
	if !strings.HasPrefix(got.stderr, "parlor: ") || strings.Count(got.stderr, "\n") != 1 ||
		!strings.Contains(got.stderr, why) {
		t.Errorf("parlor %s: want one line with %q, got\n%s", strings.Join(args, " "), why, got.stderr)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if got := succeed(t, "version"); got != "parlor "+testVersion+"\n" {
		t.Errorf("version %q", got)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	got := succeed(t, "--help")
	for _, command := range []string{
		"serve", "app create", "app list", "app rename", "app delete", "app set-quota", "key create", "key list", "key set-strict", "key revoke",
		"webhook list", "webhook listen", "webhook verify", "migrate status", "migrate up", "backup", "version",
	} {
		if !strings.Contains(got, "\n  "+command+" ") && !strings.Contains(got, "\n  "+command+"\n") {
			t.Errorf("no command %q in\n%s", command, got)
		}
	}
}

func TestUnknownArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{},
		{"sevre"},
		{"serve", "--lisen", "x"},
		{"serve", "--server-key", "id:secret"},
		{"key", "create", "--kind", "both"},
		{"backup"},
	} {
		got := run(t, nil, args...)
		if got.code == 0 || got.code == 2 || !strings.Contains(got.stderr, "parlor: error: ") {
			t.Errorf("parlor %s: exit code %d\n%s", strings.Join(args, " "), got.code, got.stderr)
		}
	}
}
