package hub

import (
	"context"
	"strconv"
	"time"

	"parlor/internal/chat"
)

// ToUsers hands f to all sessions of users.
func (h *Hub) ToUsers(app chat.AppID, users []chat.UserID, f *Frame) {
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

// ToRoom hands f to all sessions of the room's members but those of except, and to
// those of the users in also, who may have left. version is that of the room's people
// which the event has seen, or 0 where any will do.
func (h *Hub) ToRoom(ctx context.Context, app chat.AppID, room chat.RoomID, version int64, f *Frame, except chat.UserID, also ...chat.UserID) error {
	v, err := h.view(ctx, app, room, version)
	if err != nil {
		return err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for id, m := range v.members {
		if id != except {
			m.send(f)
		}
	}
	for _, id := range also {
		if v.members[id] == nil && id != except {
			if m := h.apps[app][id]; m != nil {
				m.send(f)
			}
		}
	}
	return nil
}

// Members returns who of the room's members is connected here.
func (h *Hub) Members(ctx context.Context, app chat.AppID, room chat.RoomID, version int64) ([]chat.UserID, error) {
	v, err := h.view(ctx, app, room, version)
	if err != nil {
		return nil, err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	ids := make([]chat.UserID, 0, len(v.members))
	for id := range v.members {
		ids = append(ids, id)
	}
	return ids, nil
}

// StopRoom ends the sessions of everybody in a room: what they have missed they then ask for.
func (h *Hub) StopRoom(ctx context.Context, app chat.AppID, room chat.RoomID, reason string) error {
	v, err := h.view(ctx, app, room, 0)
	if err != nil {
		return err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, m := range v.members {
		for _, s := range m.sessions {
			s.Stop(StopOverload, reason)
		}
	}
	return nil
}

// IsMember reports whether user, who is connected here, is in the room.
func (h *Hub) IsMember(ctx context.Context, app chat.AppID, room chat.RoomID, user chat.UserID) (bool, error) {
	v, err := h.view(ctx, app, room, 0)
	if err != nil {
		return false, err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return v.members[user] != nil, nil
}

// ForgetRoles drops what is known of rooms with roles in an App: who holds one has changed.
func (h *Hub) ForgetRoles(app chat.AppID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range h.views {
		if v.byRole && v.app == app {
			h.drop(v)
		}
	}
	for room, v := range h.pending {
		if v.app == app {
			v.version = -1 // what it is built from may be old
			delete(h.pending, room)
		}
	}
}

// Forget drops what is known of a room: changes of who is in it may have gone unheard.
func (h *Hub) Forget(room chat.RoomID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v := h.views[room]; v != nil {
		h.drop(v)
	}
	if v := h.pending[room]; v != nil {
		v.version = -1 // what it is built from may be old
		delete(h.pending, room)
	}
}

// ForgetAll drops what is known of all rooms: changes may have gone unheard.
func (h *Hub) ForgetAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range h.views {
		h.drop(v)
	}
	for room, v := range h.pending {
		v.version = -1
		delete(h.pending, room)
	}
}

// drop must be called with the lock held.
func (h *Hub) drop(v *view) {
	if h.views[v.room] == v {
		delete(h.views, v.room)
	}
	for _, m := range v.members {
		if m.views[v.room] == v {
			delete(m.views, v.room)
		}
	}
}

// usable must be called with the lock held, for reading at least.
func (h *Hub) usable(v *view, version int64) bool {
	old := h.o.Shared && v != nil && v.byRole && time.Since(v.builtAt) > roleViewAge
	return v != nil && v.version >= version && !old
}

// view finds or builds the view of a room as of version or later.
func (h *Hub) view(ctx context.Context, app chat.AppID, room chat.RoomID, version int64) (*view, error) {
	h.mu.RLock()
	v := h.views[room]
	ok := h.usable(v, version)
	h.mu.RUnlock()
	if ok {
		return v, nil
	}
	// A build that began earlier may have read an older version, so the key names it.
	key := strconv.FormatInt(int64(room), 10) + "/" + strconv.FormatInt(version, 10)
	built, err, _ := h.builds.Do(key, func() (any, error) { return h.build(ctx, app, room) })
	if err != nil {
		return nil, err
	}
	return built.(*view), nil
}

// walkStep bounds the connected users that are looked at in one go.
const walkStep = 2000

// build reads who is in a room and keeps those who are connected. Nobody is missed who
// connects meanwhile: whoever is there before the room's entry in pending is found among the
// connected, at the end or on the way, and whoever comes later finds that entry, or the
// view, and enters it (enterViews). Nor is anybody who is put into the room meanwhile: that
// raises the version beyond the one that was read first.
func (h *Hub) build(ctx context.Context, app chat.AppID, room chat.RoomID) (*view, error) {
	v := &view{room: room, app: app, builtAt: time.Now(), members: map[chat.UserID]*member{}}
	h.mu.Lock()
	h.pending[room] = v
	anybody := len(h.apps[app]) > 0
	h.mu.Unlock()

	people := chat.Audience{ByRole: true}
	var err error
	if anybody {
		people, err = h.people(ctx, app, room)
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	current := h.pending[room] == v
	if current {
		delete(h.pending, room)
	}
	if err != nil {
		h.drop(v)
		return nil, err
	}
	outdated := v.version < 0 || !current
	v.version, v.byRole = people.Version, people.ByRole
	for _, id := range people.Users {
		if m := h.apps[app][id]; m != nil {
			v.members[id] = m
		}
	}
	if outdated || !anybody {
		return v, nil // good for this once
	}
	if old := h.views[room]; old != nil {
		h.drop(old)
	}
	if len(h.views) >= maxViews {
		h.evict()
	}
	h.views[room] = v
	for _, m := range v.members {
		m.views[room] = v
	}
	return v, nil
}

// people reads who is in a room: all of them or, of a large room, those who are connected.
func (h *Hub) people(ctx context.Context, app chat.AppID, room chat.RoomID) (chat.Audience, error) {
	people, err := h.o.Directory.Audience(ctx, room)
	if err != nil || people.Whole {
		return people, err
	}
	err = h.walk(app, func(users []chat.UserID) error {
		in, err := h.o.Directory.InAudience(ctx, room, users)
		people.Users = append(people.Users, in...)
		return err
	})
	return people, err
}

// walk calls do with parts of an App's connected users, without the lock, which others wait
// for. Whoever is connected from the begin to the end is in one of them.
func (h *Hub) walk(app chat.AppID, do func([]chat.UserID) error) error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	step := make([]chat.UserID, 0, walkStep)
	unlocked := func() error {
		h.mu.RUnlock()
		defer h.mu.RLock()
		return do(step)
	}
	// A map may change while it is walked, as long as nobody changes it at the same moment
	// as the walk goes on: what stays in it is met exactly once.
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

// evict makes room for new views. Which ones go does not matter much: they come back.
func (h *Hub) evict() {
	n := maxViews / 10
	for _, v := range h.views {
		h.drop(v)
		if n--; n == 0 {
			return
		}
	}
}
