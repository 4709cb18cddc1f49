package server

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/service"
)

// weakSecret is shorter than a secret that nobody can guess.
const weakSecret = 16

// newKeys are the keys that a first start has made, to be shown this once.
type newKeys map[chat.KeyKind]string // id:secret

// ensureKeys makes the default App and its keys: those that the settings name, or else,
// where there has never been one of a kind, a new one.
func ensureKeys(ctx context.Context, cfg config.Config, svc *service.Service, log *slog.Logger) (newKeys, error) {
	app, _, err := svc.EnsureDefaultApp(ctx)
	if err == nil && cfg.AppTitle != "" && cfg.AppTitle != app.Title {
		err = svc.SetAppTitle(ctx, app, cfg.AppTitle)
	}
	if err != nil {
		return nil, fmt.Errorf("default app: %w", err)
	}
	existing, err := svc.Keys(ctx, app)
	if err != nil {
		return nil, err
	}
	made := newKeys{}
	for _, want := range []struct {
		kind    chat.KeyKind
		given   string
		setting string
	}{{chat.ServerKey, cfg.ServerKey, "server-key"}, {chat.AppKey, cfg.AppKey, "app-key"}} {
		if id, secret, given := strings.Cut(want.given, ":"); given {
			revoked, err := svc.EnsureKey(ctx, app, want.kind, id, secret)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", want.setting, err)
			}
			if revoked {
				log.Warn("this key was revoked and stays so; set another id", "setting", want.setting, "key", id)
			}
			if len(secret) < weakSecret {
				log.Warn("this secret is short enough to be guessed", "setting", want.setting, "key", id)
			}
			continue
		}
		if hasKind(existing, want.kind) {
			continue
		}
		id, secret, err := svc.CreateKey(ctx, app, chat.Key{Kind: want.kind, Label: "made at the first start"})
		if err != nil {
			return nil, fmt.Errorf("make a %s key: %w", want.kind, err)
		}
		made[want.kind] = id + ":" + secret
	}
	return made, nil
}

func hasKind(keys []chat.Key, kind chat.KeyKind) bool {
	for _, k := range keys {
		if k.Kind == kind {
			return true
		}
	}
	return false
}

// print shows new keys in a form to copy, with a first call to paste.
func (k newKeys) print(w io.Writer, addr net.Addr) {
	if len(k) == 0 || w == nil {
		return
	}
	var b strings.Builder
	b.WriteString("\n  Parlor has made these keys. They are shown this once; keep them.\n\n")
	for _, kind := range []chat.KeyKind{chat.ServerKey, chat.AppKey} {
		if key, ok := k[kind]; ok {
			fmt.Fprintf(&b, "    %-6s key  %s\n", kind, key)
		}
	}
	if key, ok := k[chat.ServerKey]; ok {
		fmt.Fprintf(&b, `
  Your first room (paste it into another terminal):

    curl -s http://%s/v1/server/room/create_or_update \
      -H 'Server-Key: %s' \
      -d '{"xcRoomID":"HELLO-1","type":2,"name":"My first room"}'

  The API, with examples: http://%s/docs

`, reachable(addr), base64.StdEncoding.EncodeToString([]byte(key)), reachable(addr))
	}
	_, _ = io.WriteString(w, b.String()) // a closed terminal must not stop the server
}

// reachable turns "any address" into one that a caller can use.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr.String()
}
