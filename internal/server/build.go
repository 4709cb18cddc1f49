package server

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/hub/natsbus"
	"parlor/internal/job"
	"parlor/internal/live"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/clientapi"
	"parlor/internal/powertalk/socket"
	"parlor/internal/push/courier"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/webhook"
)

// built is the parts of a server behind its listener.
type built struct {
	store   *store.Store
	bus     *natsbus.Bus // nil on a node of its own
	live    *live.Live
	service *service.Service
	shares  *budget.Budget
	sockets *socket.Handler
	files   clientapi.FileAddresses
	jobs    *job.Worker
	hooks   *webhook.Manager
	keep    time.Duration // of events; 0 where none are recorded
}

// build makes the parts and starts them in running, the store first: see parts.
func build(ctx context.Context, cfg config.Config, o Options, m *metrics, running *parts) (*built, error) {
	b := &built{shares: budget.New(m.refusal), keep: cfg.EventsKeep}
	setup, err := setUpPush(cfg, o.PushRoots)
	if err != nil {
		return nil, err
	}
	opts := StoreOptions(cfg)
	opts.Push = len(setup.senders) > 0
	opts.Now, opts.Observe, opts.Warm, opts.Keep = o.Now, m.commit, true, cfg.NATS != ""
	if b.store, err = store.Open(ctx, opts); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	m.watchSpace(b.store.Space)
	running.start(ctx, closing(b.store.Close)) // finishes the writes that wait

	lo := live.Options{Store: b.store, Log: o.Log, Now: o.Now, MaxSessions: cfg.MaxSessions, Dropped: m.dropped.Inc}
	if cfg.NATS != "" {
		if b.bus, err = openBus(ctx, cfg, b.store, o.Log); err != nil {
			return nil, fmt.Errorf("bus: %w", err)
		}
		running.start(ctx, closing(b.bus.Close)) // says goodbye to the other nodes
		lo.Bus = b.bus
	}
	if b.live, err = live.Open(ctx, lo); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	b.store.Follow(b.live)
	running.start(ctx, b.live.Run)

	files, err := openFiles(ctx, cfg, b.store, o.Log)
	if err != nil {
		return nil, err
	}
	if files.Objects != nil {
		m.watchFiles(b.store, files.Quotas)
	}
	b.service = service.New(b.store, powertalk.Dialect{}, service.Options{
		Now: o.Now, Live: b.live, CatchUp: o.CatchUp, WebPushKey: setup.webKey, Files: files,
		PictureRefused: m.pictureRefused, Freed: m.retention.freed,
		WebhookPrivate: cfg.WebhookPrivateNetwork,
		Moderation:     moderation(cfg, o),
		Search:         b.store.SearchIndex(filepath.Join(cfg.Data, "search.db")),
		SearchOff:      searchOff(cfg),
		Lifetimes:      service.Lifetimes{Ticket: cfg.TicketLifetime, Access: cfg.AccessLifetime, Refresh: cfg.RefreshLifetime},
	})
	b.hooks = webhook.New(webhook.Options{
		Store: b.store, Render: renderEvents(b.service), Log: o.Log, Owner: processName(), Now: o.Now,
		Private: cfg.WebhookPrivateNetwork, Observe: m.webhook,
	})
	b.store.FollowFeed(func(apps []chat.AppID) {
		b.service.FeedRecorded(apps)
		b.hooks.Recorded(apps)
		b.service.SearchRecorded()
	})
	m.watchSearch(b.service.SearchStats)
	b.files = clientapi.FileAddresses{Service: b.service, Shares: b.shares, Log: o.Log}
	b.sockets = socket.New(socket.Options{
		Service: b.service, Hub: b.live.Hub(), Shares: b.shares,
		Log: o.Log, Metrics: m, Now: o.Now, Origins: cfg.OriginList(),
	})
	running.start(ctx, b.sockets.EndSignedOut)
	m.watch(b.live.Hub().Sessions)
	kinds := b.jobKinds(setup, m, o)
	b.jobs = job.New(job.Options{Store: b.store, Log: o.Log, Kinds: kinds, Owner: processName(), Now: o.Now, Observe: m.job})
	m.watchJobs(b.store.JobCounts, kinds)
	m.watchWebhooks(b.store.WebhookBacklogs)
	return b, nil
}

// startChores starts what writes by itself. A short queue of writes may refuse a start's own
// writes beside it, so those come first.
func (b *built) startChores(ctx context.Context, cfg config.Config, running *parts, log *slog.Logger) {
	running.start(ctx, func(ctx context.Context) error { return b.store.TendLocalIDs(ctx, log) })
	running.start(ctx, func(ctx context.Context) error { return b.service.FinishTasks(ctx, log) })
	running.start(ctx, func(ctx context.Context) error { return b.service.SweepFiles(ctx, log) })
	running.start(ctx, func(ctx context.Context) error { return b.service.PruneRecords(ctx, cfg.AuditRetention, log) })
	running.start(ctx, b.jobs.Run)
	running.start(ctx, b.hooks.Run)
	running.start(ctx, func(ctx context.Context) error { return b.service.PruneFeeds(ctx, b.keep, log) })
	running.start(ctx, func(ctx context.Context) error { return b.service.FollowSearch(ctx, processName(), log) })
}

// searchOff says why messages are not searched, "" where they are.
func searchOff(cfg config.Config) string {
	switch {
	case !cfg.Search:
		return "Search is switched off on this server; its operator sets 'search' to true"
	case cfg.EventsKeep == 0:
		return "Search needs the events, which this server does not keep; its operator sets 'events-keep' to a time"
	}
	return ""
}

// jobKinds are the kinds of durable work that this server does. Push notifications are among them
// even where no vendor is set up: jobs from a time when one was are not to wait for ever.
func (b *built) jobKinds(setup pushSetup, m *metrics, o Options) []job.Kind {
	c := courier.New(courier.Options{
		Store: b.store, Senders: setup.senders, Sessions: b.live, Now: o.Now, Log: o.Log, Observe: m.push,
	})
	return append(c.Kinds(), b.service.ScheduledKind(), b.service.EndBansKind(), b.service.BroadcastKind(),
		b.service.DeletionKind(), b.service.EraseKind(), b.service.ExportKind(), b.service.RetentionKind(),
		b.service.DeleteAppKind())
}

// processName is what operators know this process by.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}

// openBus joins the nodes that share the database.
func openBus(ctx context.Context, cfg config.Config, st *store.Store, log *slog.Logger) (*natsbus.Bus, error) {
	id, err := st.ID(ctx)
	if err != nil {
		return nil, err
	}
	return natsbus.Open(ctx, natsbus.Options{URL: cfg.NATS, Name: "parlor", Cluster: id, Log: log})
}
