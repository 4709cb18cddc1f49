package bench_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parlor/test/env/pgtest"
)

// parlor is the program under test, built as a release is.
var parlor string

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
	parlor = filepath.Join(dir, "parlor")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", parlor, "parlor/cmd/parlor")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build parlor: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// checkNothingLeft fails if dir holds anything or a process of the program is alive.
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
		if exe, err := os.Readlink(l); err == nil && strings.HasPrefix(exe, parlor) {
			t.Errorf("process %s is left behind", filepath.Base(filepath.Dir(l)))
		}
	}
}
