package view

import (
	"context"
	"sync"
	"time"

	"parlor/internal/chat"
)

// Loader loads what a live view shows besides the message itself. On an engine without a
// cache it keeps rooms, which an event's RoomUpdatedAt proves to be current, and users
// for a moment. It is safe for concurrent use.
type Loader struct {
	store Source

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
	// maxKept bounds what a Loader keeps of each kind.
	maxKept = 10_000
)

// NewLoader returns a Loader that has nothing yet.
func NewLoader(st Source) *Loader {
	return &Loader{store: st, rooms: map[chat.RoomID]chat.Room{}, users: map[chat.UserID]keptUser{}}
}

// Room finds a room as a message has seen it, or newer. updatedAt 0 asks anew.
func (l *Loader) Room(ctx context.Context, app chat.AppID, id chat.RoomID, updatedAt int64) (*chat.Room, error) {
	l.mu.Lock()
	room, ok := l.rooms[id]
	l.mu.Unlock()
	if ok && updatedAt > 0 && room.UpdatedAt == updatedAt && room.App == app {
		return &room, nil
	}
	room, err := l.store.RoomByID(ctx, app, id)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rooms) >= maxKept {
		clear(l.rooms)
	}
	l.rooms[id] = room
	return &room, nil
}

// User finds a user as they were at most a second ago.
func (l *Loader) User(ctx context.Context, app chat.AppID, id chat.UserID) (*chat.User, error) {
	l.mu.Lock()
	kept, ok := l.users[id]
	l.mu.Unlock()
	if ok && time.Since(kept.readAt) < userAge && kept.user.App == app {
		return kept.user, nil
	}
	u, err := l.store.User(ctx, app, id)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.users) >= maxKept {
		clear(l.users)
	}
	l.users[id] = keptUser{u, time.Now()}
	return u, nil
}

// ForgetUser has a user read anew.
func (l *Loader) ForgetUser(id chat.UserID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.users, id)
}

// Partner is the user whose name and picture a personal room shows to viewer, nil for other
// rooms.
func (l *Loader) Partner(ctx context.Context, room *chat.Room, viewer chat.UserID) (*chat.User, error) {
	if room.Type != chat.Personal {
		return nil, nil
	}
	return l.User(ctx, room.App, room.Pair.Other(viewer))
}
