package job_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"parlor/test/env/pgtest"
)

// TestMain looks for goroutines that outlive every worker of the tests.
func TestMain(m *testing.M) {
	code := m.Run()
	pgtest.StopShared()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
