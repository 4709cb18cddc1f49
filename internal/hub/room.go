package hub

import (
	"context"
	"strconv"
	"time"

	"parlor/internal/chat"
)

// Notify delivers f to all sessions of users.
func (h *Hub) Notify(app chat.AppID, users []chat.UserID, f *Frame) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, id := range users {
		if m := h.apps[app][id]; m != nil {
			m.send(f)
		}
	}
}

func (m *member) send(f *Frame) {
	for _, s := range m.sessions {
		s.Send(f)
	}
}

// Broadcast is a frame for everybody in a room.
type Broadcast struct {
	chat.Place
	// Version is that of the room's people which the event has seen, or 0 where any will do.
	Version int64
	Frame   *Frame
	Except  chat.UserID   // gets nothing; 0 for nobody
	Also    []chat.UserID // get it as well, though they may have left
}

// Broadcast delivers a frame to all sessions of a room's members.
func (h *Hub) Broadcast(ctx context.Context, b Broadcast) error {
	a, err := h.audience(ctx, b.App, b.Room, b.Version)
	if err != nil {
		return err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for id, m := range a.members {
		if id != b.Except {
			m.send(b.Frame)
		}
	}
	for _, id := range b.Also {
		if a.members[id] == nil && id != b.Except {
			if m := h.apps[b.App][id]; m != nil {
				m.send(b.Frame)
			}
		}
	}
	return nil
}

// Members returns those of the room's members who are connected here.
func (h *Hub) Members(ctx context.Context, app chat.AppID, room chat.RoomID, version int64) ([]chat.UserID, error) {
	a, err := h.audience(ctx, app, room, version)
	if err != nil {
		return nil, err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	ids := make([]chat.UserID, 0, len(a.members))
	for id := range a.members {
		ids = append(ids, id)
	}
	return ids, nil
}

// StopRoom ends the sessions of everybody in a room: they come back and ask for what they missed.
func (h *Hub) StopRoom(ctx context.Context, app chat.AppID, room chat.RoomID, reason string) error {
	a, err := h.audience(ctx, app, room, 0)
	if err != nil {
		return err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, m := range a.members {
		for _, s := range m.sessions {
			s.Stop(StopOverload, reason)
		}
	}
	return nil
}

// IsMember reports whether user, who is connected here, is in the room.
func (h *Hub) IsMember(ctx context.Context, app chat.AppID, room chat.RoomID, user chat.UserID) (bool, error) {
	a, err := h.audience(ctx, app, room, 0)
	if err != nil {
		return false, err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return a.members[user] != nil, nil
}

// ForgetRoles drops what is known of rooms with roles in an App: who holds one has changed.
func (h *Hub) ForgetRoles(app chat.AppID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.audiences {
		if a.byRole && a.app == app {
			h.drop(a)
		}
	}
	for room, a := range h.pending {
		if a.app == app {
			a.version = -1 // what it is built from may be old
			delete(h.pending, room)
		}
	}
}

// Forget drops what is known of a room: changes of who is in it may have been missed.
func (h *Hub) Forget(room chat.RoomID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.audiences[room]; a != nil {
		h.drop(a)
	}
	if a := h.pending[room]; a != nil {
		a.version = -1 // what it is built from may be old
		delete(h.pending, room)
	}
}

// ForgetAll drops what is known of all rooms: changes may have been missed.
func (h *Hub) ForgetAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.audiences {
		h.drop(a)
	}
	for room, a := range h.pending {
		a.version = -1
		delete(h.pending, room)
	}
}

// drop must be called with the lock held.
func (h *Hub) drop(a *audience) {
	if h.audiences[a.room] == a {
		delete(h.audiences, a.room)
	}
	for _, m := range a.members {
		if m.audiences[a.room] == a {
			delete(m.audiences, a.room)
		}
	}
}

// usable must be called with the lock held, at least for reading.
func (h *Hub) usable(a *audience, version int64) bool {
	old := h.o.Shared && a != nil && a.byRole && time.Since(a.builtAt) > roleAudienceAge
	return a != nil && a.version >= version && !old
}

// audience finds or builds the audience of a room, as of version or later.
func (h *Hub) audience(ctx context.Context, app chat.AppID, room chat.RoomID, version int64) (*audience, error) {
	h.mu.RLock()
	a := h.audiences[room]
	ok := h.usable(a, version)
	h.mu.RUnlock()
	if ok {
		return a, nil
	}
	// A build that began earlier may have read an older version, so the key names it.
	key := strconv.FormatInt(int64(room), 10) + "/" + strconv.FormatInt(version, 10)
	built, err, _ := h.builds.Do(key, func() (any, error) { return h.build(ctx, app, room) })
	if err != nil {
		return nil, err
	}
	return built.(*audience), nil
}

// walkStep bounds the connected users that are looked at in one go.
const walkStep = 2000

// build reads who is in a room and keeps those who are connected. It misses nobody who
// connects meanwhile: users who were there before the room's version had been read are found
// among the connected, at the end or on the way, and users who come later find the room's entry
// in pending, or the audience, and enter it (enterAudiences). Nor does it miss anybody who is
// added to the room meanwhile: that raises the version beyond the one that was read first.
func (h *Hub) build(ctx context.Context, app chat.AppID, room chat.RoomID) (*audience, error) {
	a := &audience{room: room, app: app, builtAt: time.Now(), members: map[chat.UserID]*member{}}
	h.mu.Lock()
	h.pending[room] = a
	anybody := len(h.apps[app]) > 0
	h.mu.Unlock()

	people := chat.Audience{ByRole: true}
	var err error
	if anybody {
		people, err = h.people(ctx, a)
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	current := h.pending[room] == a
	if current {
		delete(h.pending, room)
	}
	if err != nil {
		h.drop(a)
		return nil, err
	}
	outdated := a.version < 0 || !current
	a.version, a.byRole = people.Version, people.ByRole
	for _, id := range people.Users {
		if m := h.apps[app][id]; m != nil {
			a.members[id] = m
		}
	}
	if outdated || !anybody {
		return a, nil // good for this once
	}
	if old := h.audiences[room]; old != nil {
		h.drop(old)
	}
	if len(h.audiences) >= maxAudiences {
		h.evict()
	}
	h.audiences[room] = a
	for _, m := range a.members {
		m.joins(a)
	}
	return a, nil
}

// people reads who is in a room: all of them or, of a large room, those who are connected.
func (h *Hub) people(ctx context.Context, a *audience) (chat.Audience, error) {
	people, err := h.o.Directory.Audience(ctx, a.room)
	h.mu.Lock()
	h.reads++
	a.read = h.reads
	h.mu.Unlock()
	if err != nil || people.Whole {
		return people, err
	}
	err = h.walk(a.app, func(users []chat.UserID) error {
		in, err := h.o.Directory.InAudience(ctx, a.room, users)
		people.Users = append(people.Users, in...)
		return err
	})
	return people, err
}

// walk calls do with parts of an App's connected users, without holding the lock, so that
// others need not wait. Everybody who is connected from beginning to end is in one of them.
func (h *Hub) walk(app chat.AppID, do func([]chat.UserID) error) error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	step := make([]chat.UserID, 0, walkStep)
	unlocked := func() error {
		h.mu.RUnlock()
		defer h.mu.RLock()
		return do(step)
	}
	// The map may change between two steps of a range over it, as long as the lock keeps the
	// steps themselves apart from changes: what stays in it is visited exactly once.
	for id := range h.apps[app] {
		if step = append(step, id); len(step) < walkStep {
			continue
		}
		if err := unlocked(); err != nil {
			return err
		}
		step = step[:0]
	}
	if len(step) == 0 {
		return nil
	}
	return unlocked()
}

// evict makes room for new audiences. It hardly matters which ones go: they are built again.
func (h *Hub) evict() {
	n := maxAudiences / 10
	for _, a := range h.audiences {
		h.drop(a)
		if n--; n == 0 {
			return
		}
	}
}
