package live

import (
	"context"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// renderer loads what frames show besides the message itself. On an engine without a
// cache it keeps rooms, which a message's RoomUpdatedAt proves to be current, and users
// for a moment.
type renderer struct {
	store *store.Store

	mu    sync.Mutex
	rooms map[chat.RoomID]chat.Room
	users map[chat.UserID]keptUser
}

type keptUser struct {
	user   *chat.User
	readAt time.Time
}

const (
	// userAge is how long a user's row is believed without asking again.
	userAge = time.Second
	// maxKept bounds what a renderer keeps of each kind.
	maxKept = 10_000
)

func newRenderer(st *store.Store) *renderer {
	return &renderer{store: st, rooms: map[chat.RoomID]chat.Room{}, users: map[chat.UserID]keptUser{}}
}

// room finds a room as a message has seen it, or newer. updatedAt 0 asks anew.
func (r *renderer) room(ctx context.Context, app chat.AppID, id chat.RoomID, updatedAt int64) (*chat.Room, error) {
	r.mu.Lock()
	room, ok := r.rooms[id]
	r.mu.Unlock()
	if ok && updatedAt > 0 && room.UpdatedAt == updatedAt && room.App == app {
		return &room, nil
	}
	room, err := r.store.RoomByID(ctx, app, id)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rooms) >= maxKept {
		clear(r.rooms)
	}
	r.rooms[id] = room
	return &room, nil
}

func (r *renderer) user(ctx context.Context, app chat.AppID, id chat.UserID) (*chat.User, error) {
	r.mu.Lock()
	kept, ok := r.users[id]
	r.mu.Unlock()
	if ok && time.Since(kept.readAt) < userAge && kept.user.App == app {
		return kept.user, nil
	}
	u, err := r.store.User(ctx, app, id)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.users) >= maxKept {
		clear(r.users)
	}
	r.users[id] = keptUser{u, time.Now()}
	return u, nil
}

// forgetUser has a user read anew.
func (r *renderer) forgetUser(id chat.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.users, id)
}

// partner is whose name and picture a personal room shows to viewer, nil for others.
func (r *renderer) partner(ctx context.Context, room *chat.Room, viewer chat.UserID) (*chat.User, error) {
	if room.Type != chat.Personal {
		return nil, nil
	}
	return r.user(ctx, room.App, room.Pair.Other(viewer))
}
