package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"parlor/test/env/pgtest"
)

// Programs are what the tests run, built as a release is.
var Programs struct{ Parlor, Bench string }

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	defer pgtest.StopShared()
	dir, err := os.MkdirTemp("", "parlor-bench-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", dir+"/",
		"parlor/cmd/parlor", "parlor/cmd/parlor-bench")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the programs: %v\n%s", err, out)
		return 1
	}
	Programs.Parlor, Programs.Bench = filepath.Join(dir, "parlor"), filepath.Join(dir, "parlor-bench")
	return m.Run()
}
