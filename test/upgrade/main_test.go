package upgrade

import (
	"flag"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/test/env/pgtest"
	"parlor/test/env/servertest"
)

var (
	freeze = flag.String("freeze", "", "keep what TestFill makes as the databases of this version, which must be new")
	update = flag.Bool("update", false, "write the golden files anew")
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type (
	obj  = map[string]any
	list = []any
)

// engines are databases for what a version has left.
var engines = []struct {
	name string
	make func(testing.TB) config.Config
}{{"sqlite", servertest.EmptySQLite}, {"postgres", servertest.EmptyPostgres}}

// clock is a server's clock, which stands still until it is moved.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMilli(c.ms.Load()) }

// filledFrom is when the first row of each frozen database is written, and openedAt when it is
// opened again: everything in it is still good by then.
const (
	filledFrom = 1_760_000_000_000
	openedAt   = filledFrom + int64(30*time.Minute/time.Millisecond)
)

func clockAt(ms int64) *clock {
	c := &clock{}
	c.ms.Store(ms)
	return c
}
