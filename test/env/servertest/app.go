package servertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"

	"parlor/client"
	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/powertalk"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/test/env/pgtest"
)

// App is an App on a test server, which may have others.
type App struct {
	*Server
	Name      string
	ServerKey string // id:secret
	AppKey    string
}

// Default is the App that every test server has.
func (s *Server) Default() *App {
	return &App{Server: s, Name: chat.DefaultApp, ServerKey: ServerKey, AppKey: AppKey}
}

// Call is Server.Call with the App's server key.
func (a *App) Call(t testing.TB, path string, body any) Answer {
	t.Helper()
	return a.CallKey(t, a.ServerKey, path, body)
}

// Backend is the App's backend, for what a test needs before it begins. It calls once.
func (a *App) Backend(t testing.TB) *client.Backend {
	t.Helper()
	b, err := client.NewBackend(a.config(a.ServerKey))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// config is the Go client's with one of the App's keys.
func (a *App) config(key string) client.Config {
	return client.Config{URL: a.URL, Key: key, HTTP: http.DefaultClient, Attempts: 1}
}

// Must makes a call that must succeed, and decodes its data into out unless out is nil.
func (a *App) Must(t testing.TB, path string, body, out any) {
	t.Helper()
	if err := a.Backend(t).Call(t.Context(), path, body, out); err != nil {
		t.Fatalf("%v: %v", body, err)
	}
}

// EachApp runs test in a new App on each engine. To start a server takes longer than most
// tests, so the servers are common to all tests of a package, whose TestMain must be
// Main; a test that stops its server, or sets it up in its own way, uses Start.
func EachApp(t *testing.T, test func(t *testing.T, a *App)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newApp(t, "sqlite", SQLite)) })
	t.Run("postgres", func(t *testing.T) { test(t, newApp(t, "postgres", Postgres)) })
}

// EmbeddedApp is EachApp for what no engine is asked about: the embedded one is enough.
func EmbeddedApp(t *testing.T, test func(t *testing.T, a *App)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newApp(t, "sqlite", SQLite)) })
}

// common is a server that tests share, and the service over its database that makes Apps.
type common struct {
	server *Server
	store  *store.Store
	svc    *service.Service
	apps   int
}

var shared struct {
	sync.Mutex
	servers map[string]*common // by engine
}

func newApp(t *testing.T, engine string, newConfig func(testing.TB) config.Config) *App {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	c := shared.servers[engine]
	if c == nil {
		c = startCommon(t, newConfig(t))
		if shared.servers == nil {
			shared.servers = map[string]*common{}
		}
		shared.servers[engine] = c
	}
	c.apps++
	a := &App{Server: c.server, Name: fmt.Sprintf("%d %s", c.apps, t.Name())}
	app, err := c.svc.CreateApp(t.Context(), a.Name)
	if err != nil {
		t.Fatal(err)
	}
	a.ServerKey, a.AppKey = newKey(t, c.svc, app, chat.ServerKey), newKey(t, c.svc, app, chat.AppKey)
	return a
}

func newKey(t *testing.T, svc *service.Service, app chat.App, kind chat.KeyKind) string {
	t.Helper()
	id, secret, err := svc.CreateKey(t.Context(), app, chat.Key{Kind: kind, Label: "of a test"})
	if err != nil {
		t.Fatal(err)
	}
	return id + ":" + secret
}

// startCommon starts a server that outlives the test.
func startCommon(t testing.TB, cfg config.Config) *common {
	t.Helper()
	var err error
	if cfg.Data, err = os.MkdirTemp("", "parlor-servertest-"); err != nil {
		t.Fatal(err)
	}
	cfg.WebhookPrivateNetwork = true // the targets of tests are on this machine
	c := &common{server: &Server{Config: cfg}}
	c.server.StartAgain(t)
	if c.store, err = store.Open(context.Background(), server.StoreOptions(cfg)); err != nil {
		t.Fatal(err)
	}
	c.svc = service.New(c.store, powertalk.Dialect{}, service.Options{})
	return c
}

func (c *common) stop() error {
	c.server.cancel()
	return errors.Join(c.store.Close(), <-c.server.done, os.RemoveAll(c.server.Config.Data))
}

// Main is a TestMain for packages that use EachApp, and does what pgtest.Main does.
func Main(m *testing.M) {
	code := m.Run()
	for engine, c := range shared.servers {
		if err := c.stop(); err != nil {
			fmt.Fprintf(os.Stderr, "stop the tests' server on %s: %v\n", engine, err)
			code = 1
		}
	}
	pgtest.StopShared()
	os.Exit(code)
}
