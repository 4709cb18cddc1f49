package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"parlor/test/env/pgtest"
)

// program is the parlor that TestMain has built.
var program string

var seedFlag = flag.Uint64("faults.seed", 0, "what a failed test has printed; 0 means a new one")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "parlor-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "parlor")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "parlor/cmd/parlor")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	defer pgtest.StopShared()
	return m.Run()
}

// newRand gives a test its own random numbers and tells how to get them again.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("again with -faults.seed=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
