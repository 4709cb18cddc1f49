// Package live brings what was committed to the connected devices: it puts each room's
// messages in order, renders them as frames for the hub to deliver, and passes events to other
// nodes over a bus. What the bus loses it reads from the database, which is the truth.
package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/hub"
	"parlor/internal/view"
)

// Bus carries events to other nodes. Events on it are hints: it may lose some.
type Bus interface {
	// Publish sends a payload to the other nodes. It does not block.
	Publish(payload []byte) error
	// Subscribe delivers what other nodes publish, in their order, and calls lost when
	// something may have been missed since a time.
	Subscribe(deliver func(payload []byte), lost func(since time.Time)) error
	// Healthy says why the bus does not work, or nil if it does.
	Healthy() error
	// Checked returns a time up to which what has arrived was looked through: whatever it showed
	// to be missing, lost has been called for. Zero means that lost has yet to be called.
	Checked() time.Time
}

// Options are what a Live is given.
type Options struct {
	Store Store
	Bus   Bus // nil on a node of its own
	Log   *slog.Logger
	// Now is the clock for what is shown and stored; nil means time.Now. Durations are always
	// measured by the machine's monotonic clock.
	Now func() time.Time
	// MaxSessions bounds the sessions of this node; 0 means hub.DefaultMaxSessions.
	MaxSessions int
	// Dropped, if set, counts events that came faster than they could be delivered.
	Dropped func()
}

// Live is the connected devices of all nodes, as this node sees them.
type Live struct {
	o        Options
	hub      *hub.Hub
	shards   []*shard
	presence *presence
	views    *view.Loader
	losses   losses
	frontier frontier
	asks     *asks
	silent   silent
	dropped  atomic.Int64
}

// shards is how many rooms can be notified at the same time.
const shards = 8

// Open returns a Live over a store whose events go to Committed. It begins where the database
// is, since sessions that come later get the rest, and from now on receives the events of
// other nodes. Sessions are notified while Run runs.
func Open(ctx context.Context, o Options) (*Live, error) {
	l := newLive(o)
	if err := l.startFrontier(ctx); err != nil {
		return nil, err
	}
	if o.Bus == nil {
		return l, nil
	}
	// Before this node commits anything: whoever looks later must find it.
	if err := o.Store.Beat(ctx, l.presence.node); err != nil {
		return nil, err
	}
	if err := o.Bus.Subscribe(l.heard, l.losses.put); err != nil {
		_ = o.Store.ForgetNode(ctx, l.presence.node) // otherwise it is, once it has been silent for a while
		return nil, err
	}
	return l, nil
}

func newLive(o Options) *Live {
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Live{o: o, losses: losses{ready: make(chan struct{}, 1)}, asks: newAsks()}
	l.views = view.NewLoader(o.Store)
	l.presence = newPresence(l)
	l.hub = hub.New(hub.Options{
		Directory: o.Store, Shared: o.Bus != nil, MaxSessions: o.MaxSessions, Presence: l.presence.changed,
		Highest: l.frontier.highest.Load, Frontier: l.frontier.upTo.Load,
	})
	for range shards {
		l.shards = append(l.shards, newShard(l))
	}
	return l
}

// Hub is this node's sessions.
func (l *Live) Hub() *hub.Hub { return l.hub }

// Run notifies sessions of events until ctx ends. It returns nil.
func (l *Live) Run(ctx context.Context) error {
	var workers sync.WaitGroup // each ends with ctx
	for _, s := range l.shards {
		workers.Go(func() { s.run(ctx) })
	}
	workers.Go(func() { l.presence.run(ctx) })
	workers.Go(func() { l.savePresence(ctx) })
	workers.Go(func() { l.moveFrontier(ctx) })
	if l.o.Bus != nil {
		workers.Go(func() { l.recoverLosses(ctx) })
		workers.Go(func() { l.prune(ctx) })
		workers.Go(func() { l.beatInStore(ctx) })
		workers.Go(func() { l.readForSilent(ctx) })
	}
	workers.Wait()
	return nil
}

// Committed takes events in the order of their commit. It does not block.
func (l *Live) Committed(events []chat.Event) {
	for _, e := range events {
		l.Publish(e)
	}
}

// Unsure takes events of a commit that may or may not have taken place. They only say what
// to read: sessions get what is there. It does not block.
func (l *Live) Unsure(events []chat.Event) {
	for _, e := range events {
		if r, ok := e.(chat.Recorded); ok {
			r.OfChange().Unsure = true
		}
		if sent, ok := e.(*chat.MessageSent); ok {
			e = sent.WithoutContent()
		}
		l.Publish(e)
	}
}

// Publish notifies the sessions of all nodes of an event. It does not block.
func (l *Live) Publish(e chat.Event) {
	l.toNodes(e)
	l.take(e, local)
}

// source says where an event comes from.
type source int

const (
	local     source = iota // this node
	remote                  // another one
	recovered               // the database, since it may have been missed
)

// toNodes sends an event to the other nodes.
func (l *Live) toNodes(e chat.Event) {
	if l.o.Bus == nil {
		return
	}
	if l.putOnBus(e) == nil {
		return
	}
	// Too large, or the bus is away: others read it. If this fails too, the bus reports to them
	// that something was lost.
	switch e := e.(type) {
	case *chat.MessageSent:
		_ = l.putOnBus(e.WithoutContent())
	case *chat.MessageChanged:
		_ = l.putOnBus(e.WithoutContent())
	}
}

func (l *Live) putOnBus(e chat.Event) error {
	payload, err := chat.EncodeEvent(e)
	if err != nil {
		return err
	}
	return l.o.Bus.Publish(payload)
}

// heard receives an event of another node.
func (l *Live) heard(payload []byte) {
	e, err := chat.DecodeEvent(payload, betweenNodes...)
	if err != nil {
		l.o.Log.Warn("an event of another node was not understood", "error", err)
		return
	}
	l.take(e, remote)
}

// take passes an event to the part that handles it.
func (l *Live) take(e chat.Event, from source) {
	switch e := e.(type) {
	case chat.InRoom:
		l.shards[uint64(e.Where().Room)%shards].put(item{event: e, recovered: from == recovered})
	case *chat.LoginsEnded:
		l.hub.StopLogins(e.App, e.Logins)
	case *chat.AppDeleted:
		l.hub.StopApp(e.App)
	case *chat.RolesChanged:
		l.hub.ForgetRoles(e.App)
		// What was delivered in their new rooms since the commit has passed them by.
		for _, id := range e.Users {
			l.hub.Skip(e.App, id, l.frontier.highest.Load())
		}
	case *chat.DeviceBehind:
		l.hub.Behind(e.App, e.User, e.Device)
	case *chat.UserUpdated:
		l.presence.updated(e)
	case *chat.PresenceChanged:
		if from != local { // presence has announced its own already
			l.presence.heardChange(e)
		}
	case *nodeFrontier:
		l.heardFrontier(e)
	case *nodeAlive:
		if from != local {
			l.presence.heardAlive(e)
		}
	case *deviceAsked:
		l.heardQuestion(e)
	case *deviceHas:
		if e.Node == l.presence.node {
			l.asks.answered(e.Ask, e.Known)
		}
	case *deviceReceived:
		l.heardReceived(e)
	}
}

// Online reports whether a user has a session on any node.
func (l *Live) Online(id chat.UserID) bool { return l.presence.online(id) }

// Hold keeps back what is sent to a device that is connected here while a call answers it with
// messages.
func (l *Live) Hold(app chat.AppID, user chat.UserID, name string) (release func(device.Known, int64, bool)) {
	return l.hub.Hold(app, user, name)
}

// Behind starts a feed of what a device lacks, on whichever node it is connected.
func (l *Live) Behind(app chat.AppID, user chat.UserID, name string) {
	l.Publish(&chat.DeviceBehind{App: app, User: user, Device: name})
}

// Dropped is how many events came faster than they could be delivered.
func (l *Live) Dropped() int64 { return l.dropped.Load() }

// drop counts an event that found no place.
func (l *Live) drop() {
	l.dropped.Add(1)
	if l.o.Dropped != nil {
		l.o.Dropped()
	}
}

// workTimeout bounds what is read for one event.
const workTimeout = 10 * time.Second

func work() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), workTimeout)
}
