// Package servertest starts real servers on real ports for tests and calls them over
// HTTP, as a customer's backend does.
//
// What only sets a test up goes through the Go client: Backend, Must and SignIn. The other calls, and the sockets of
// a Device, are raw, for tests of envelopes, headers and frames as they are on the wire.
package servertest

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/internal/server"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// The keys that every test server has in its default App.
const (
	ServerKey = "test-server:a secret for tests: with a colon"
	AppKey    = "test-app:another secret for tests"
)

// Server is a running server. Its address stays the same over a restart.
type Server struct {
	URL    string // http://127.0.0.1:port
	Config config.Config
	now    func() time.Time
	roots  *x509.CertPool // whose certificates are believed where push notifications go
	log    *slog.Logger   // nil for a test that does not look at it
	out    io.Writer      // likewise
	cancel context.CancelFunc
	done   chan error
}

// Each runs test against a fresh server on each engine. The package's TestMain must be
// pgtest.Main.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Start(t, SQLite(t), nil)) })
	t.Run("postgres", func(t *testing.T) { test(t, Start(t, Postgres(t), nil)) })
}

// PublicURL is what the addresses of a test server's files begin with. Nothing is there.
const PublicURL = "https://chat.example.com"

// SQLite is the configuration of a server on a new embedded database, which has its tables.
func SQLite(t testing.TB) config.Config {
	t.Helper()
	return newConfig(t, storetest.SQLite(t))
}

// EmptySQLite is SQLite without the database: the server makes it.
func EmptySQLite(t testing.TB) config.Config {
	t.Helper()
	return newConfig(t, storetest.EmptySQLite(t))
}

// Postgres is the configuration of a server on a new PostgreSQL database, which has its tables.
func Postgres(t testing.TB) config.Config {
	t.Helper()
	return newConfig(t, storetest.Postgres(t))
}

// EmptyPostgres is Postgres without the tables: the server makes them.
func EmptyPostgres(t testing.TB) config.Config {
	t.Helper()
	return newConfig(t, storetest.EmptyPostgres(t))
}

func newConfig(t testing.TB, o store.Options) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Listen, cfg.Data, cfg.Database = "127.0.0.1:0", filepath.Dir(o.Path), o.DSN
	if o.Path == "" {
		cfg.Data = t.TempDir()
	}
	cfg.ServerKey, cfg.AppKey, cfg.PublicURL = ServerKey, AppKey, PublicURL
	return cfg
}

// Start runs a server until the test ends. now is its clock; nil means the real one.
func Start(t testing.TB, cfg config.Config, now func() time.Time) *Server {
	t.Helper()
	return start(t, &Server{Config: cfg, now: now})
}

// StartPush is Start for a server that sends push notifications to services of a test's.
func StartPush(t testing.TB, cfg config.Config, roots *x509.CertPool, now func() time.Time) *Server {
	t.Helper()
	return start(t, &Server{Config: cfg, roots: roots, now: now})
}

// StartTold is Start for a test that looks at what the server logs and prints.
func StartTold(t testing.TB, cfg config.Config, log *slog.Logger, out io.Writer) *Server {
	t.Helper()
	return start(t, &Server{Config: cfg, log: log, out: out})
}

func start(t testing.TB, s *Server) *Server {
	t.Helper()
	s.StartAgain(t)
	t.Cleanup(func() {
		if s.cancel != nil {
			s.Stop(t)
		}
	})
	return s
}

// StartAgain starts a stopped server on its old address.
func (s *Server) StartAgain(t testing.TB) {
	t.Helper()
	log := s.log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	listening := make(chan net.Addr, 1)
	s.cancel, s.done = cancel, make(chan error, 1)
	go func() { // ends when Stop cancels ctx
		s.done <- server.Run(ctx, s.Config, server.Options{
			Version: "test", Out: s.out, Log: log, Now: s.now, PushRoots: s.roots,
			Listening: func(addr net.Addr) { listening <- addr },
		})
	}()
	select {
	case addr := <-listening:
		s.Config.Listen = addr.String()
		s.URL = "http://" + addr.String()
	case err := <-s.done:
		cancel()
		s.cancel = nil
		t.Fatalf("start: %v", err)
	}
}

// Stop stops the server as SIGTERM does and fails the test if that went wrong.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.cancel()
	s.cancel = nil
	if err := <-s.done; err != nil {
		t.Errorf("stop: %v", err)
	}
}

// Answer is an envelope.
type Answer struct {
	Status int `json:"status"`
	Error  struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Field   string `json:"field"`

		NotFound string `json:"notFound"`
	} `json:"error"`
	Data json.RawMessage `json:"data"`

	HTTP *http.Response `json:"-"`
	Body []byte         `json:"-"`
}

// Call posts body, JSON text or a value to be marshalled, to a path below /v1/server
// with the test server key.
func (s *Server) Call(t testing.TB, path string, body any) Answer {
	t.Helper()
	return s.CallKey(t, ServerKey, path, body)
}

// CallKey is Call with another key, "id:secret".
func (s *Server) CallKey(t testing.TB, key, path string, body any) Answer {
	t.Helper()
	return s.Post(t, "/v1/server/"+path, base64.StdEncoding.EncodeToString([]byte(key)), body)
}

// Post is a call with a path and a Server-Key header of one's own; without a header
// when it is "".
func (s *Server) Post(t testing.TB, path, header string, body any) Answer {
	t.Helper()
	h := http.Header{}
	if header != "" {
		h.Set("Server-Key", header)
	}
	return s.Do(t, http.MethodPost, path, h, body)
}

// Do is a call with a method, a path and headers of one's own.
func (s *Server) Do(t testing.TB, method, path string, header http.Header, body any) Answer {
	t.Helper()
	var text []byte
	switch b := body.(type) {
	case string:
		text = []byte(b)
	case []byte:
		text = b
	case Form:
		var contentType string
		text, contentType = b.Encode(t)
		header = header.Clone()
		header.Set("Content-Type", contentType)
	default:
		var err error
		if text, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := Answer{HTTP: resp}
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.Body, &a); err != nil {
		t.Fatalf("%s answered no envelope: %v: %.200q", path, err, a.Body)
	}
	return a
}
