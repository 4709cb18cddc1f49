// Package server builds a Parlor from its parts, in order, runs it and stops it.
package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/device"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/clientapi"
	"parlor/internal/powertalk/serverapi"
	"parlor/internal/service"
	"parlor/internal/store"
)

// Options are what a program gives to a server besides its settings.
type Options struct {
	Version string
	Out     io.Writer        // where the first start's keys are shown
	Log     *slog.Logger     // everything else
	Now     func() time.Time // the clock; nil means time.Now
	CatchUp device.Limits    // of what devices get at once; zero means device.DefaultLimits
	// PushRoots are whose certificates are believed where push notifications go; nil are those of
	// the machine.
	PushRoots *x509.CertPool
	// Listening, if set, is called with the address once requests are served.
	Listening func(addr net.Addr)
}

// Run serves until ctx ends, then stops accepting, finishes what is under way within
// cfg.Grace, and closes the database. It returns nil after such a stop. What is started last
// is stopped first: see parts.
func Run(ctx context.Context, cfg config.Config, o Options) (err error) {
	usedBefore := wasServed(cfg)
	unlock, err := lockData(cfg)
	if err != nil {
		return err
	}
	defer unlock()
	if err := warnOfLoss(cfg, usedBefore, o); err != nil {
		return err
	}
	proxies, err := cfg.TrustedProxyList()
	if err != nil {
		return err
	}
	running := newParts()
	defer func() { err = errors.Join(err, running.stop()) }()
	m := newMetrics(o.Version)
	b, err := build(ctx, cfg, o, m, running)
	if err != nil {
		return err
	}
	running.start(ctx, func(ctx context.Context) error { return tuneGC(ctx, b.live.Hub().Sessions) })
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	starting := service.ActingAs(ctx, chat.Actor{Kind: chat.ActorServer, Name: processName()})
	shown, err := ensureKeys(starting, cfg, b.service, o.Log)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	b.startChores(ctx, cfg, running, o.Log)
	endpoints := slices.Concat(serverapi.Endpoints(b.service), clientapi.Endpoints(b.service))
	api := httpapi.New(endpoints, powertalk.Dialect{}, b.shares, o.Log, m.request)
	f := &front{
		handler: httpapi.BehindProxies(proxies, routes(api, b, m)),
		hub:     b.live.Hub(), sockets: b.sockets, waits: b.service.EndWaits, grace: cfg.Grace, log: o.Log,
	}
	running.start(ctx, func(ctx context.Context) error { return f.serve(ctx, ln) })
	o.Log.Info("parlor is ready", "version", o.Version, "address", ln.Addr().String(), "database", databaseName(cfg))
	shown.print(o.Out, ln.Addr())
	if o.Listening != nil {
		o.Listening(ln.Addr())
	}
	select {
	case <-running.broken: // its error is that of the stop
	case <-ctx.Done():
		o.Log.Info("parlor is stopping; a second signal ends it at once", "grace", cfg.Grace.String())
	}
	return nil
}

// StoreOptions says where cfg's data is.
func StoreOptions(cfg config.Config) store.Options {
	return store.Options{
		Path: cfg.SQLitePath(), DSN: cfg.Database, Queue: cfg.WriteQueue, Batch: cfg.WriteBatch,
		Feed: cfg.EventsKeep > 0,
	}
}

func databaseName(cfg config.Config) string {
	if cfg.Database != "" {
		return "postgresql"
	}
	return cfg.SQLitePath()
}

// databaseAddress says where the database would be, without what is secret.
func databaseAddress(cfg config.Config) string {
	if cfg.Database != "" {
		return "the address in the setting database"
	}
	return cfg.SQLitePath()
}

// WithService runs do on an open database without serving, for the commands that
// manage Apps and keys beside a running server. It makes no database: one at a place that
// was mistyped would only hide the mistake.
func WithService(ctx context.Context, cfg config.Config, do func(*service.Service) error) error {
	return withStore(ctx, cfg, func(st *store.Store) error {
		return do(service.New(st, powertalk.Dialect{}, service.Options{WebhookPrivate: cfg.WebhookPrivateNetwork}))
	})
}

// withStore runs do on an open database that is there already.
func withStore(ctx context.Context, cfg config.Config, do func(*store.Store) error) (err error) {
	schema, err := store.Schema(ctx, StoreOptions(cfg))
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if schema.Current == 0 {
		return fmt.Errorf("there is no Parlor database at %s; the first `parlor serve` makes it", databaseAddress(cfg))
	}
	if schema.Pending() {
		// A server of the older version may be running on it.
		return fmt.Errorf("the database has schema %d, this binary has %d: run `parlor migrate up` first", schema.Current, schema.Newest)
	}
	st, err := store.Open(ctx, StoreOptions(cfg))
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return do(st)
}

// NewLogger writes structured lines of at least the configured level.
func NewLogger(cfg config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // Validate has seen it
	opts := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
