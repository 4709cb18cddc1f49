package sdkmodel

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/internal/store/storetest"
	"parlor/test/env/natstest"
)

const (
	serverKey = "sdkmodel:a secret for these tests"
	appKey    = "app:another secret for these tests"
)

// world is the servers on one database, which many histories share. What befalls a server
// befalls all histories that are under way.
type world struct {
	name     string
	settings settings
	bus      *natstest.Server // nil for nodes that have none

	mu    sync.Mutex // held by whoever kills or sets clocks
	nodes []*node
	clock reading

	urls     []atomic.Value // of the nodes, "" for one that is down
	troubles atomic.Int64   // counts kills and changes of the clock
	broken   atomic.Value   // an error after which nothing goes on
	logs     []*tail        // of all processes that there were
}

// newWorld starts count nodes on a database.
func newWorld(t *testing.T, name string, cfg config.Config, l limits, count int) *world {
	t.Helper()
	cfg.Listen, cfg.ServerKey, cfg.AppKey = "127.0.0.1:0", serverKey, appKey
	cfg.LogLevel = "warn"
	cfg.TicketLifetime, cfg.AccessLifetime, cfg.RefreshLifetime = 1000*time.Hour, 10_000*time.Hour, 10_000*time.Hour
	w := &world{name: name, settings: settings{Config: cfg, Limits: l}, urls: make([]atomic.Value, count)}
	for i := range count {
		p, err := start(w.settings)
		if err != nil {
			t.Fatal(err)
		}
		w.nodes = append(w.nodes, p)
		w.logs = append(w.logs, p.log)
		w.urls[i].Store(p.url)
	}
	t.Cleanup(func() {
		for _, p := range w.nodes {
			p.kill()
		}
	})
	return w
}

// sqlite is a world of one node on the embedded database.
func sqlite(t *testing.T, l limits) *world {
	t.Helper()
	cfg := config.Default()
	cfg.Data = t.TempDir()
	return newWorld(t, "sqlite", cfg, l, 1)
}

// postgres is a world of one node on PostgreSQL.
func postgres(t *testing.T, l limits) *world {
	t.Helper()
	return newWorld(t, "postgres", onPostgres(t), l, 1)
}

// cluster is a world of two nodes on one PostgreSQL, with NATS between them.
func cluster(t *testing.T, l limits) *world {
	t.Helper()
	cfg := onPostgres(t)
	bus := natstest.Run(t)
	cfg.NATS = bus.URL()
	w := newWorld(t, "cluster", cfg, l, 2)
	w.bus = bus
	return w
}

func onPostgres(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Database = t.TempDir(), storetest.Postgres(t).DSN
	return cfg
}

// url returns a node that is up, "" if there is none.
func (w *world) url() string {
	for _, i := range rand.Perm(len(w.urls)) { // not of a history, which is to follow from its seed
		if url := w.urls[i].Load().(string); url != "" {
			return url
		}
	}
	return ""
}

// kill ends a node as a power cut does, and starts it again on the same data.
func (w *world) kill(i int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.troubles.Add(1)
	w.urls[i].Store("")
	w.nodes[i].kill()
	s := w.settings
	s.Clock = w.clock
	p, err := start(s)
	if err != nil {
		w.broken.Store(err)
		return
	}
	w.nodes[i] = p
	w.logs = append(w.logs, p.log)
	w.urls[i].Store(p.url)
}

// stopBus takes away what the nodes talk over. Nobody but the caller does anything to the
// servers until the returned function brings it back: a node does not start without it.
func (w *world) stopBus() (startAgain func()) {
	w.mu.Lock()
	w.troubles.Add(1)
	w.bus.Kill()
	return func() {
		defer w.mu.Unlock()
		if err := w.bus.StartAgain(); err != nil {
			w.broken.Store(err)
		}
	}
}

// setClock has all nodes show another time: offset from the true one, or what they show
// now and no other.
func (w *world) setClock(offset time.Duration, still bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.troubles.Add(1)
	w.clock = reading{Offset: offset}
	if still {
		w.clock.Still = time.Now().Add(offset).UnixMilli()
	}
	for _, p := range w.nodes {
		if err := p.set(w.clock); err != nil {
			w.broken.Store(err)
		}
	}
}

// err is why nothing goes on any more.
func (w *world) err() error {
	err, _ := w.broken.Load().(error)
	return err
}

// faults are the signs of faults in the servers' logs.
func (w *world) faults() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.logs {
		all = append(all, l.found()...)
	}
	return all
}
