// Package service holds Parlor's rules: who may do what, in which order, and what is
// written along with it. Edges translate to and from it, the store keeps what it decides.
package service

import (
	"context"
	"hash/fnv"
	"strconv"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/store"
)

// Service applies the rules to what is in a store. It is safe for concurrent use.
type Service struct {
	store     *store.Store
	now       func() time.Time
	keys      keyCache
	lifetimes Lifetimes
	live      Live
	devices   *device.Devices
	marks     *shares // what a user may have waiting to be marked
}

// Lifetimes is how long what is handed out at a sign-in is good for.
type Lifetimes struct {
	Ticket, Access, Refresh time.Duration
}

// DefaultLifetimes are those of a server that nobody configured.
func DefaultLifetimes() Lifetimes {
	return Lifetimes{Ticket: time.Hour, Access: 24 * time.Hour, Refresh: 60 * 24 * time.Hour}
}

// Live is the connected devices. What is committed reaches it from the store; the service
// tells it what is of the moment.
type Live interface {
	// Publish tells sessions, on all nodes, of an event. It does not block.
	Publish(e chat.Event)
	// Online reports whether a user has a session on any node.
	Online(id chat.UserID) bool
	// Received says that a device has acted on messages: they have arrived.
	Received(app chat.AppID, user chat.UserID, device string, ids []int64)
	device.Sessions
}

// nobody is a Live without sessions.
type nobody struct{}

// Publish does nothing.
func (nobody) Publish(chat.Event) {}

// Online is false.
func (nobody) Online(chat.UserID) bool { return false }

// Received does nothing.
func (nobody) Received(chat.AppID, chat.UserID, string, []int64) {}

// Arrived is nothing.
func (nobody) Arrived(context.Context, chat.AppID, chat.UserID, string) device.Known { return nil }

// Behind does nothing.
func (nobody) Behind(chat.AppID, chat.UserID, string) {}

// Hold does nothing.
func (nobody) Hold(chat.AppID, chat.UserID, string) func(device.Known, int64, bool) {
	return func(device.Known, int64, bool) {}
}

// Options are what a Service is given besides its store.
type Options struct {
	Now       func() time.Time // the clock; nil means time.Now
	Lifetimes Lifetimes        // zero means DefaultLifetimes
	Live      Live             // nil means that nobody is connected
	CatchUp   device.Limits    // zero means device.DefaultLimits
}

// New returns a Service over st. now is the clock; nil means time.Now.
func New(st *store.Store, now func() time.Time) *Service { return NewWith(st, Options{Now: now}) }

// NewWith returns a Service over st.
func NewWith(st *store.Store, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lifetimes == (Lifetimes{}) {
		o.Lifetimes = DefaultLifetimes()
	}
	if o.Live == nil {
		o.Live = nobody{}
	}
	return &Service{
		store: st, now: o.Now, lifetimes: o.Lifetimes, live: o.Live, devices: device.New(st, o.Live, o.CatchUp),
		keys: keyCache{kept: map[string]keptKey{}}, marks: newShares(markShare),
	}
}

// Ready says whether requests can be served, durable writes included.
func (s *Service) Ready(ctx context.Context) error { return s.store.Health(ctx) }

// write is the store's Write in the caller's name.
func (s *Service) write(ctx context.Context, c chat.Caller, shard int64, fn func(context.Context, *store.Tx) error) error {
	return s.store.WriteAs(ctx, inNameOf(c), shard, fn)
}

// inNameOf is a caller as an author. Who is signed in may write for as long as the login
// stands, which that of a deleted user does not; the customer's server may write always.
func inNameOf(c chat.Caller) store.Author { return store.Author{Login: c.Login.ID} }

// shardOf spreads writes over the store's lanes by what they change. It is the same on
// every node.
func shardOf(app chat.AppID, kind, key string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatInt(int64(app), 10) + ":" + kind + ":" + key)) // a hash's Write never fails
	return int64(h.Sum64() >> 1)
}

// roomShard keeps all writes of one room in one lane, from its creation on.
func roomShard(app chat.AppID, xcRoom string) int64 { return shardOf(app, "room", xcRoom) }

// shardOfRoom is roomShard for a room of any type.
func shardOfRoom(r chat.Room) int64 {
	switch {
	case r.Type == chat.Personal:
		return shardOf(r.App, "pair", r.Pair.String())
	case r.XCID == "":
		return shardOf(r.App, "group", r.PublicID()) // made by an SDK
	}
	return roomShard(r.App, r.XCID)
}

// findUsers turns the customer's ids into users, in the given order and each once, and
// returns the ids that nobody has.
func (s *Service) findUsers(ctx context.Context, app chat.AppID, xcs []string) (ids []chat.UserID, unknown []string, err error) {
	found, err := s.store.UserIDs(ctx, app, xcs)
	if err != nil {
		return nil, nil, err
	}
	for _, xc := range chat.Unique(xcs) {
		if id, ok := found[xc]; ok {
			ids = append(ids, id)
		} else {
			unknown = append(unknown, xc)
		}
	}
	return ids, unknown, nil
}
