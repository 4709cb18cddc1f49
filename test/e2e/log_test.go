package e2e

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"parlor/test/env/servertest"
)

// lines is a log to look at while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes what is logged.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// all returns what was logged so far.
func (l *lines) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// with returns the lines that have this message.
func (l *lines) with(message string) (found []string) {
	for line := range strings.Lines(l.all()) {
		if strings.Contains(line, `msg="`+message+`"`) || strings.Contains(line, "msg="+message+" ") {
			found = append(found, line)
		}
	}
	return found
}

func (l *lines) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level}))
}

// TestRefusedKeysAreLogged: an operator sees who calls with a key that is refused, without
// anything secret, and a stranger cannot flood the log.
func TestRefusedKeysAreLogged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, key, want string }{
		{"wrong secret", "test-server:hunter2", `code=49102 app=default key=test-server remote=127.0.0.1:`},
		{"unknown key of ours", "srv0123456789abcdef:hunter2", `code=49103 app="" key=srv0123456789abcdef remote=127.0.0.1:`},
		{"secret in the place of the id", "hunter2:test-server", `code=49103 app="" key="" remote=127.0.0.1:`},
		{"wrong kind", servertest.AppKey, `code=49104 app=default key=test-app remote=127.0.0.1:`},
		{"no key", "hunter2", `code=49102 app="" key="" remote=127.0.0.1:`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log lines
			s := servertest.StartTold(t, servertest.SQLite(t), log.logger(slog.LevelInfo), io.Discard)
			for range 100 {
				s.CallKey(t, tt.key, "role/list", "{}")
			}
			got := log.with("key refused")
			if len(got) == 0 || !strings.Contains(got[0], tt.want) || !strings.Contains(got[0], " level=INFO ") {
				t.Fatalf("lines %q, want %q", got, tt.want)
			}
			if len(got) > 50 {
				t.Errorf("%d lines for 100 calls", len(got))
			}
			if all := log.all(); strings.Contains(all, "hunter2") || strings.Contains(all, "secret for tests") {
				t.Errorf("a secret is in the log:\n%s", all)
			}
		})
	}
}

// TestCallsAreLogged: at debug each call has a line that says who made it. Through a proxy
// that is trusted it is the caller's address, and nobody else's word counts.
func TestCallsAreLogged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, trusted string
		forwarded     []string
		want          string
	}{
		{"no proxy", "", []string{"203.0.113.9"}, "remote=127.0.0.1:"},
		{"another proxy", "10.0.0.0/8", []string{"203.0.113.9"}, "remote=127.0.0.1:"},
		{"trusted proxy", "127.0.0.1", []string{"203.0.113.9"}, "remote=203.0.113.9 "},
		{"trusted, with a lie before it", "127.0.0.0/8", []string{"198.51.100.1, 203.0.113.9"}, "remote=203.0.113.9 "},
		{"two proxies", "127.0.0.1,10.0.0.0/8", []string{"198.51.100.1", "203.0.113.9, 10.1.1.1"}, "remote=203.0.113.9 "},
		{"six", "127.0.0.1", []string{"2001:db8::1"}, "remote=2001:db8::1 "},
		{"nonsense", "127.0.0.1", []string{"x\"y"}, "remote=127.0.0.1:"},
		{"nothing", "127.0.0.1", nil, "remote=127.0.0.1:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log lines
			cfg := servertest.SQLite(t)
			cfg.TrustedProxies = tt.trusted
			s := servertest.StartTold(t, cfg, log.logger(slog.LevelDebug), io.Discard)
			a := s.Do(t, http.MethodPost, "/v1/server/role/list", http.Header{
				"Server-Key": {key(servertest.ServerKey)}, "X-Forwarded-For": tt.forwarded,
			}, "{}")
			id := a.HTTP.Header.Get("X-Request-Id")
			s.Stop(t) // the line comes after the answer
			s.StartAgain(t)
			got := log.with("request")
			if len(got) != 1 || !strings.Contains(got[0], "id="+id+" ") ||
				!strings.Contains(got[0], "app=default key=test-server "+tt.want) {
				t.Errorf("lines %q, want %q", got, tt.want)
			}
			if all := log.all(); strings.Contains(all, "secret for tests") {
				t.Errorf("a secret is in the log:\n%s", all)
			}
		})
	}
}
