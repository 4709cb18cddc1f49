// Package pgtest runs a private PostgreSQL server for tests.
//
// The server comes from the operating system's package, keeps everything in a
// temporary folder and listens on a loopback port only, so tests neither need
// nor touch a database that somebody set up. It is configured to be as durable
// as a real one: tests take it away in mid-flight and look at what survived.
//
// Most tests want [Shared], together with [Main] in their package's TestMain.
// A test that stops or kills the server needs one of its own from [Start], or
// it would pull the rug from under the tests running beside it; it calls
// [Wanted] first.
//
// The package is for Linux: it relies on the kernel to end the server when the
// test process dies.
package pgtest

import (
	"context"
	"os"
	"sync"
	"testing"
)

// enginesEnv names the environment variable that limits the tests to engines. Of its values
// only "sqlite" means something; without it, tests run on both engines.
const enginesEnv = "TEST_ENGINES"

// Wanted skips the test if the caller of the tests asked for SQLite alone, as make check
// does with TEST_ENGINES=sqlite. The full run, make test, asks for nothing of the kind.
func Wanted(t testing.TB) {
	t.Helper()
	if os.Getenv(enginesEnv) == "sqlite" {
		t.Skip("not on PostgreSQL: " + enginesEnv + "=sqlite")
	}
}

var shared struct {
	sync.Mutex
	server *Server
	err    error
}

// Shared returns the test binary's common server, starting it on first use. The
// test fails if that is impossible: a test of PostgreSQL that silently did not
// run would be worse. Only [Wanted] skips it, and only when that was asked for.
// Use [Main] to stop the server when the tests are done.
func Shared(t testing.TB) *Server {
	t.Helper()
	Wanted(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		// Not the test's own context: the server outlives the test.
		shared.server, shared.err = Start(context.Background())
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// StopShared stops the common server if it was started. It is for a TestMain
// that cannot use [Main], for example because it looks for leaked goroutines;
// the one that waits for a running server is supervise.
func StopShared() {
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		shared.server.Stop()
		shared.server = nil
	}
}

// Main is a TestMain for packages that use [Shared]: it runs the tests, stops
// the server and ends the process.
func Main(m *testing.M) {
	code := m.Run()
	StopShared()
	os.Exit(code)
}
