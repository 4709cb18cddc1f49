// Package hub knows this node's connected sessions and delivers frames to them: to those of
// a user, or to those of everybody in a room. It never waits for a session.
//
// It learns who is in a room from a Directory when something first happens there, and keeps
// that audience up to date, using the version that each message carries and the users who
// come and go. So the cost of a message depends on how many members are connected here, not
// on how many the room has.
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
	// maxAudiences bounds the rooms whose audience is kept.
	maxAudiences = 10_000
	// roleAudienceAge is how long the audience of a room with roles is trusted when other nodes
	// can change who holds a role.
	roleAudienceAge = 2 * time.Second
)

// Directory knows who is in which room.
type Directory interface {
	// Audience returns who is in the room, unless there are too many to name them all.
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
	// Presence, if set, is called when a user's first session here begins and when their last
	// one has ended. It must not block.
	Presence func(app chat.AppID, user chat.UserID, here bool)
	// Highest, if set, is a number above which no change has been delivered yet, and Frontier
	// one below which all have been.
	Highest, Frontier func() int64
}

// Default bounds of a Hub.
const (
	DefaultMaxSessions = 100_000
	DefaultMaxPerUser  = 50
)

// Hub is the connected sessions of one node. It is safe for concurrent use.
type Hub struct {
	o      Options
	builds singleflight.Group

	mu        sync.RWMutex
	apps      map[chat.AppID]map[chat.UserID]*member
	audiences map[chat.RoomID]*audience
	pending   map[chat.RoomID]*audience // being built: users who connect meanwhile belong in them, too
	reads     int64                     // how often a room's version has been read
	sessions  int
	list      []*Session // all of them, each at its index
	closed    bool
}

// member is a user with sessions on this node.
type member struct {
	id        chat.UserID
	sessions  []*Session
	audiences map[chat.RoomID]*audience // of the rooms that they are in; nil while there are none
	reads     int64                     // the hub's when they came
	entered   chan struct{}             // closed once they are in the audiences that existed before they came
	err       error                     // why that failed; set before entered is closed
}

// hasEntered is the entered of members for whom nobody has to wait any more.
var hasEntered = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// joins notes that the member is in an audience. It must be called with the hub's lock held.
func (m *member) joins(a *audience) {
	if m.audiences == nil {
		m.audiences = map[chat.RoomID]*audience{}
	}
	m.audiences[a.room] = a
}

// audience is a room's members, as far as they are connected here.
type audience struct {
	room    chat.RoomID
	app     chat.AppID
	version int64
	read    int64 // the number of the hub's read that has found the version; 0 until then
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
		audiences: map[chat.RoomID]*audience{}, pending: map[chat.RoomID]*audience{},
	}
}

// Join makes s reachable. When it returns, s misses nothing that is committed from then
// on. A full node is CodeUnavailable; of a user with too many sessions the oldest ends.
func (h *Hub) Join(ctx context.Context, s *Session) error {
	m, entered, first, err := h.register(s)
	if err != nil {
		return err
	}
	if first {
		// Only now: an audience that is being built meanwhile finds the user among the connected,
		// and one that was built before is found here.
		m.err = h.enterAudiences(ctx, s)
		close(entered)
		h.mu.Lock()
		m.entered = hasEntered // a session at rest is to hold little
		h.mu.Unlock()
		if m.err == nil && h.o.Presence != nil {
			h.o.Presence(s.App, s.User, true)
		}
	}
	select {
	case <-entered: // a second device must not be ahead of the first
		err = m.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		h.Leave(s)
		return err
	}
	if h.o.Highest != nil { // after it has entered: everything delivered from now on reaches it
		s.mu.Lock()
		s.began = h.o.Highest() + 1
		s.first = s.began
		s.mu.Unlock()
	}
	return nil
}

// Frontier is a change number below which everything has been delivered to this node's sessions.
func (h *Hub) Frontier() int64 {
	if h.o.Frontier == nil {
		return 0
	}
	return h.o.Frontier()
}

func (h *Hub) register(s *Session) (m *member, entered chan struct{}, first bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil, false, chat.Errorf(chat.CodeUnavailable, "Parlor is shutting down; connect again")
	}
	if h.sessions >= h.o.MaxSessions {
		return nil, nil, false, chat.Errorf(chat.CodeUnavailable, "Too many devices are connected; try again later")
	}
	users := h.apps[s.App]
	if users == nil {
		users = map[chat.UserID]*member{}
		h.apps[s.App] = users
	}
	if m = users[s.User]; m == nil {
		m = &member{id: s.User, reads: h.reads, entered: make(chan struct{})}
		users[s.User] = m
		first = true
	}
	// More than one, if some that were stopped before are still leaving.
	for i := 0; i <= len(m.sessions)-h.o.MaxPerUser; i++ {
		m.sessions[i].Stop(StopPolicy, "too many devices of one user")
	}
	m.sessions = append(m.sessions, s)
	h.sessions++
	s.index = len(h.list)
	h.list = append(h.list, s)
	return m, m.entered, first, nil
}

// enterAudiences puts a user who has come into the audiences whose versions were read before.
// The others find users who are in the room by themselves (build), and may be newer than what
// is read here: by then the user may have been removed.
func (h *Hub) enterAudiences(ctx context.Context, s *Session) error {
	h.mu.RLock()
	idle := len(h.audiences)+len(h.pending) == 0
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
		for _, a := range []*audience{h.audiences[room], h.pending[room]} {
			if a != nil && a.read != 0 && a.read <= m.reads {
				a.members[m.id] = m
				m.joins(a)
			}
		}
	}
	return nil
}

// Leave removes s. It may be called more than once.
func (h *Hub) Leave(s *Session) {
	defer s.leave()
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
		h.list[s.index], last.index = last, s.index
		h.list[len(h.list)-1] = nil
		h.list = h.list[:len(h.list)-1]
		break
	}
	if len(m.sessions) > 0 {
		return
	}
	delete(h.apps[s.App], m.id)
	for room, a := range m.audiences {
		delete(a.members, m.id)
		delete(m.audiences, room)
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

// SessionsBelow returns up to limit sessions whose places in the hub's list are the highest
// below index, and the index to continue from, 0 after the last. Walking down from math.MaxInt
// visits every session that is there all the time: when one leaves, the last in the list takes
// its place, which is never above its own.
func (h *Hub) SessionsBelow(index, limit int) (sessions []*Session, next int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	index = min(index, len(h.list))
	next = max(0, index-limit)
	return slices.Clone(h.list[next:index]), next
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

// StopApp ends the sessions of an App.
func (h *Hub) StopApp(app chat.AppID) {
	h.each(func(s *Session) {
		if s.App == app {
			s.Stop(StopToken, "the app was deleted")
		}
	})
}

// StopAll ends every session, spread over a period, so that they do not all come back at
// the same moment. No new ones are accepted.
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

// DropAll ends every session but still accepts new ones: devices come back and ask for what
// they have missed.
func (h *Hub) DropAll(reason string) {
	h.each(func(s *Session) { s.Stop(StopOverload, reason) })
}

// each calls do for every session, without holding the lock.
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
