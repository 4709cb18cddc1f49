package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// leaseTime is how long a process that has died keeps its webhooks from others.
	leaseTime  = 15 * time.Second
	renewEvery = 3 * time.Second
	// lookEvery is how often it is looked for webhooks that no process calls. Of many, one node takes
	// half at a time, so that others have time to take theirs; a few it takes at once.
	lookEvery = time.Second
	aFew      = 8
	maxLooked = 1000
	// pollFeed is how late a node learns of events that another one has recorded.
	pollFeed = 250 * time.Millisecond
	// pollReplayed is how late it is noticed that dead letters are to be told again, where nothing else is
	// parked.
	pollReplayed = time.Second
)

// MaxAge is for how long an event is tried to be told. Then it is a dead letter.
const MaxAge = 72 * time.Hour

// KeepDead is how long dead letters are kept.
const KeepDead = 30 * 24 * time.Hour

// Render shows events as they are told, in their order: nil for one that the webhook does not want.
type Render func(ctx context.Context, w *chat.Webhook, events []chat.FeedEvent) ([][]byte, error)

// Outcome is what has become of an event.
type Outcome string

// The outcomes.
const (
	Delivered Outcome = "delivered"
	Failed    Outcome = "failed" // and is tried again
	Dead      Outcome = "dead"   // is given up
)

// Options are what a Manager is given.
type Options struct {
	Store  *store.Store
	Render Render
	Log    *slog.Logger
	// Owner names this process, for operators.
	Owner string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Private lets webhooks be in private networks.
	Private bool
	// Observe, if set, is told of each event that was tried.
	Observe func(Outcome)
}

// Manager calls those webhooks whose leases this process has.
type Manager struct {
	o      Options
	client *http.Client

	mu      sync.Mutex
	runners map[chat.WebhookID]*runner
}

// New makes a manager.
func New(o Options) *Manager {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(Outcome) {}
	}
	return &Manager{o: o, client: newClient(o.Private), runners: map[chat.WebhookID]*runner{}}
}

// Recorded says that this process has recorded events of Apps: see store.Store.FollowFeed. It does not block.
func (m *Manager) Recorded(apps []chat.AppID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.runners {
		if !slices.Contains(apps, r.app) {
			continue
		}
		select {
		case r.woken <- struct{}{}:
		default:
		}
	}
}

// Run calls webhooks until ctx ends. It returns nil.
func (m *Manager) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer m.client.CloseIdleConnections()
	defer all.Wait()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	released := false
	for {
		err := error(nil)
		if !released {
			err = m.o.Store.ReleaseWebhooks(ctx)
			released = err == nil
		}
		if err == nil {
			err = m.look(ctx, &all)
		}
		if err != nil && ctx.Err() == nil {
			m.o.Log.Warn("webhooks are not taken at the moment", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look takes webhooks that no process calls.
func (m *Manager) look(ctx context.Context, all *sync.WaitGroup) error {
	free, err := m.o.Store.FreeWebhooks(ctx, maxLooked)
	if err != nil || free == 0 {
		return err
	}
	list, err := m.o.Store.LeaseWebhooks(ctx, m.o.Owner, max(aFew, free/2), leaseTime)
	if err != nil {
		return err
	}
	for _, w := range list {
		r := newRunner(m, w)
		m.mu.Lock()
		before := m.runners[w.ID] // it has lost its lease, as when the clock has jumped, and is about to end
		m.runners[w.ID] = r
		m.mu.Unlock()
		all.Go(func() { // ends with ctx, or with the lease
			defer close(r.over)
			if before != nil {
				<-before.over
			}
			r.run(ctx)
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.runners[w.ID] == r {
				delete(m.runners, w.ID)
			}
		})
	}
	return nil
}
