package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/hub/natsbus"
	"parlor/internal/live"
	"parlor/internal/powertalk/socket"
	"parlor/internal/service"
	"parlor/internal/store"
)

// built is the parts of a server behind its listener.
type built struct {
	store   *store.Store
	bus     *natsbus.Bus // nil on a node of its own
	live    *live.Live
	service *service.Service
	shares  *budget.Budget
	sockets *socket.Handler

	parts    errgroup.Group // what runs until close
	endParts context.CancelFunc
}

// run starts what works beside the calls. close ends it.
func (b *built) run(log *slog.Logger) {
	ctx, cancel := context.WithCancel(context.Background())
	b.endParts = cancel
	for _, part := range []func(context.Context) error{
		b.sockets.EndSignedOut,
		func(ctx context.Context) error { return b.service.FinishTasks(ctx, log) },
	} {
		b.parts.Go(func() error { return part(ctx) })
	}
}

// build puts the parts together, the store first.
func build(ctx context.Context, cfg config.Config, o Options, m *metrics) (*built, error) {
	b := &built{shares: budget.New(m.refusal)}
	opts := StoreOptions(cfg)
	opts.Now, opts.Observe, opts.Warm, opts.Keep = o.Now, m.commit, true, cfg.NATS != ""
	// Nothing is written before live is there.
	opts.Committed = func(events []chat.Event) { b.live.Committed(events) }
	opts.Unsure = func(events []chat.Event) { b.live.Unsure(events) }
	var err error
	if b.store, err = store.Open(ctx, opts); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	lo := live.Options{Store: b.store, Log: o.Log, Now: o.Now, MaxSessions: cfg.MaxSessions, Dropped: m.dropped.Inc}
	if cfg.NATS != "" {
		id, err := b.store.ID(ctx)
		if err == nil {
			b.bus, err = natsbus.Open(ctx, natsbus.Options{URL: cfg.NATS, Name: "parlor", Cluster: id, Log: o.Log})
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("bus: %w", err), b.store.Close())
		}
		lo.Bus = b.bus
	}
	b.live = live.New(lo)
	if err := b.live.Start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bus: %w", err), b.close())
	}
	b.service = service.NewWith(b.store, service.Options{
		Now: o.Now, Live: b.live, CatchUp: o.CatchUp,
		Lifetimes: service.Lifetimes{Ticket: cfg.TicketLifetime, Access: cfg.AccessLifetime, Refresh: cfg.RefreshLifetime},
	})
	b.sockets = socket.New(socket.Options{
		Service: b.service, Hub: b.live.Hub(), Shares: b.shares, Log: o.Log, Metrics: m, Now: o.Now, Origins: cfg.OriginList(),
	})
	m.watch(b.live.Hub().Sessions)
	b.run(o.Log)
	return b, nil
}

// close stops what is behind the listener: what runs beside the calls, the bus, so that nothing more is heard, what
// tells of events, and the store, which finishes the waiting writes.
func (b *built) close() error {
	var err error
	if b.endParts != nil {
		b.endParts()
		err = b.parts.Wait()
	}
	if b.bus != nil {
		err = errors.Join(err, b.bus.Close())
	}
	b.live.Stop()
	return errors.Join(err, b.store.Close())
}
