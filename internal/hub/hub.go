// Package hub knows this node's connected sessions and hands frames to them: to those of
// a user, or to those of everybody in a room. It never waits for a session.
//
// It learns who is in a room from a Directory, when something first happens there, and
// keeps that view up to date: with the version that each message carries, and with the
// users who come and go. So a message costs in proportion to the members who are
// connected here, however many the room has.
package hub

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"parlor/internal/chat"
)

const (
	// maxViews bounds the rooms whose members are kept.
	maxViews = 10_000
	// roleViewAge is how long the members of a room with roles are believed where other
	// nodes change who holds a role.
	roleViewAge = 2 * time.Second
)

// Directory tells who is in which room.
type Directory interface {
	// Audience returns who is in the room, unless those are too many to name all.
	Audience(ctx context.Context, room chat.RoomID) (chat.Audience, error)
	// InAudience returns those of users, a few thousand at most, who are in the room.
	InAudience(ctx context.Context, room chat.RoomID, users []chat.UserID) (in []chat.UserID, err error)
	// RoomsOf returns the rooms that a user is in.
	RoomsOf(ctx context.Context, user chat.UserID) ([]chat.RoomID, error)
}

// Options are what a Hub is given.
type Options struct {
	Directory Directory
	// Shared says that other nodes change who holds a role.
	Shared bool
	// MaxSessions bounds the sessions of this node, MaxPerUser those of one user; 0 means
	// DefaultMaxSessions and DefaultMaxPerUser.
	MaxSessions, MaxPerUser int
	// Presence, if set, is told when a user's first session here begins and when his last
	// one has ended. It must not block.
	Presence func(app chat.AppID, user chat.UserID, here bool)
	// Highest, if set, is a number above which no change was told of yet, and Told one below
	// which all were.
	Highest, Told func() int64
}

// Bounds of a Hub that nobody has set.
const (
	DefaultMaxSessions = 100_000
	DefaultMaxPerUser  = 50
)

// Hub is the connected sessions of one node. It is safe for concurrent use.
type Hub struct {
	o      Options
	builds singleflight.Group

	mu       sync.RWMutex
	apps     map[chat.AppID]map[chat.UserID]*member
	views    map[chat.RoomID]*view
	pending  map[chat.RoomID]*view // under construction: users who come meanwhile belong in, too
	sessions int
	list     []*Session // all of them, each at its place
	closed   bool
}

// member is a user with sessions on this node.
type member struct {
	id       chat.UserID
	sessions []*Session
	views    map[chat.RoomID]*view // those that he is in
	entered  chan struct{}         // closed once he is in the views that were there before him
	err      error                 // why that failed; set before entered is closed
}

// view is who is connected here of a room's members.
type view struct {
	room    chat.RoomID
	app     chat.AppID
	version int64
	byRole  bool
	builtAt time.Time
	members map[chat.UserID]*member
}

// New returns a Hub without sessions.
func New(o Options) *Hub {
	if o.MaxSessions <= 0 {
		o.MaxSessions = DefaultMaxSessions
	}
	if o.MaxPerUser <= 0 {
		o.MaxPerUser = DefaultMaxPerUser
	}
	return &Hub{
		o: o, apps: map[chat.AppID]map[chat.UserID]*member{},
		views: map[chat.RoomID]*view{}, pending: map[chat.RoomID]*view{},
	}
}

// Join makes s reachable. When it returns, s misses nothing that is committed from then
// on. A full node is CodeUnavailable; of a user with too many sessions the oldest ends.
func (h *Hub) Join(ctx context.Context, s *Session) error {
	m, first, err := h.register(s)
	if err != nil {
		return err
	}
	if first {
		// Only now: a view that is being built meanwhile finds him among the connected, and
		// one that was built before is found here.
		m.err = h.enterViews(ctx, s)
		close(m.entered)
		if m.err == nil && h.o.Presence != nil {
			h.o.Presence(s.App, s.User, true)
		}
	}
	select {
	case <-m.entered: // a second device must not be ahead of the first
		err = m.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		h.Leave(s)
		return err
	}
	if h.o.Highest != nil { // after it has entered: what is told from now on, it hears
		s.mu.Lock()
		s.began = h.o.Highest() + 1
		s.first = s.began
		s.mu.Unlock()
	}
	return nil
}

// Told is a change number below which everything was told to sessions of this node.
func (h *Hub) Told() int64 {
	if h.o.Told == nil {
		return 0
	}
	return h.o.Told()
}

func (h *Hub) register(s *Session) (m *member, first bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, false, chat.Errorf(chat.CodeUnavailable, "Parlor is shutting down; connect again")
	}
	if h.sessions >= h.o.MaxSessions {
		return nil, false, chat.Errorf(chat.CodeUnavailable, "Too many devices are connected; try again later")
	}
	users := h.apps[s.App]
	if users == nil {
		users = map[chat.UserID]*member{}
		h.apps[s.App] = users
	}
	if m = users[s.User]; m == nil {
		m = &member{id: s.User, views: map[chat.RoomID]*view{}, entered: make(chan struct{})}
		users[s.User] = m
		first = true
	}
	for i := 0; i <= len(m.sessions)-h.o.MaxPerUser; i++ { // more than one, if those told before are still leaving
		m.sessions[i].Stop(StopPolicy, "too many devices of one user")
	}
	m.sessions = append(m.sessions, s)
	h.sessions++
	s.place = len(h.list)
	h.list = append(h.list, s)
	return m, first, nil
}

func (h *Hub) enterViews(ctx context.Context, s *Session) error {
	h.mu.RLock()
	idle := len(h.views)+len(h.pending) == 0
	h.mu.RUnlock()
	if idle {
		return nil
	}
	rooms, err := h.o.Directory.RoomsOf(ctx, s.User)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.apps[s.App][s.User]
	if m == nil {
		return nil // gone again
	}
	for _, room := range rooms {
		for _, v := range []*view{h.views[room], h.pending[room]} {
			if v != nil {
				v.members[m.id] = m
				m.views[room] = v
			}
		}
	}
	return nil
}

// Leave takes s away. It may be called more than once.
func (h *Hub) Leave(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.apps[s.App][s.User]
	if m == nil {
		return
	}
	for i, have := range m.sessions {
		if have != s {
			continue
		}
		m.sessions = append(m.sessions[:i:i], m.sessions[i+1:]...) // others may be walking the old one
		h.sessions--
		last := h.list[len(h.list)-1]
		h.list[s.place], last.place = last, s.place
		h.list[len(h.list)-1] = nil
		h.list = h.list[:len(h.list)-1]
		break
	}
	if len(m.sessions) > 0 {
		return
	}
	delete(h.apps[s.App], m.id)
	for room, v := range m.views {
		delete(v.members, m.id)
		delete(m.views, room)
	}
	if h.o.Presence != nil {
		h.o.Presence(s.App, s.User, false)
	}
}

// Sessions is how many sessions there are.
func (h *Hub) Sessions() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.sessions
}

// Here reports whether a user has a session on this node.
func (h *Hub) Here(app chat.AppID, user chat.UserID) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.apps[app][user] != nil
}

// Anybody reports whether any user of an App has a session on this node.
func (h *Hub) Anybody(app chat.AppID) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.apps[app]) > 0
}

// Users returns the users of an App who are connected here.
func (h *Hub) Users(app chat.AppID) []chat.UserID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.users(app)
}

func (h *Hub) users(app chat.AppID) []chat.UserID {
	ids := make([]chat.UserID, 0, len(h.apps[app]))
	for id := range h.apps[app] {
		ids = append(ids, id)
	}
	return ids
}

// All returns everybody who is connected here, by App.
func (h *Hub) All() map[chat.AppID][]chat.UserID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make(map[chat.AppID][]chat.UserID, len(h.apps))
	for app := range h.apps {
		if len(h.apps[app]) > 0 {
			all[app] = h.users(app)
		}
	}
	return all
}

// SessionsBelow returns up to limit sessions whose places in the hub's list are below a
// number, those with the highest, and the number that leads on to the next ones, 0 after the
// last. Whoever walks down from math.MaxInt meets every session that is there all the time:
// the last one takes the place of one that goes, which is never above it.
func (h *Hub) SessionsBelow(place, limit int) (sessions []*Session, next int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	place = min(place, len(h.list))
	next = max(0, place-limit)
	return slices.Clone(h.list[next:place]), next
}

// StopLogins ends the sessions of logins that are over.
func (h *Hub) StopLogins(app chat.AppID, logins []chat.LoginID) {
	over := make(map[chat.LoginID]bool, len(logins))
	for _, id := range logins {
		over[id] = true
	}
	h.each(func(s *Session) {
		if s.App == app && over[s.Login] {
			s.Stop(StopToken, "signed out")
		}
	})
}

// StopAll ends every session, spread over a time, so that they do not all come back at
// the same moment. No new ones are taken.
func (h *Hub) StopAll(spread time.Duration) {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	var all []*Session
	h.each(func(s *Session) { all = append(all, s) })
	const steps = 20
	for step := range steps {
		for i := step; i < len(all); i += steps {
			all[i].Stop(StopAway, "the server is going away")
		}
		if step < steps-1 && len(all) > step+1 {
			time.Sleep(spread / steps)
		}
	}
}

// DropAll ends every session but goes on taking new ones: what they have missed they
// then ask for.
func (h *Hub) DropAll(reason string) {
	h.each(func(s *Session) { s.Stop(StopOverload, reason) })
}

// each calls do for every session, without the lock.
func (h *Hub) each(do func(*Session)) {
	h.mu.RLock()
	all := make([]*Session, 0, h.sessions)
	for _, users := range h.apps {
		for _, m := range users {
			all = append(all, m.sessions...)
		}
	}
	h.mu.RUnlock()
	for _, s := range all {
		do(s)
	}
}
