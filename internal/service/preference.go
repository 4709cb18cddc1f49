package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxPinnedRooms is how many rooms a user can have pinned at a time.
const MaxPinnedRooms = 10

// Preference is a setting that a user makes for rooms.
type Preference struct {
	event string
	kind  chat.PreferenceKind
}

// The settings, with the names of the events that tell other devices of them.
var (
	MarkUnread = Preference{"room/markAsUnread", chat.PreferUnread}
	Mute       = Preference{"room/mute", chat.PreferMuted}
	Unmute     = Preference{"room/unmute", chat.PreferMuted}
	PinRoom    = Preference{"room/pin", chat.PreferPinned}
	UnpinRoom  = Preference{"room/unpin", chat.PreferPinned}
	ClearChat  = Preference{"room/clearChat", chat.PreferCleared}
)

// markRead is the event that tells other devices that a mark as unread is gone.
const markRead = "room/markAsRead"

// SetPreference makes a setting for rooms that the member is in, and returns the ids of
// those for which it holds now. until is when a mute ends (Unix ms, 0 for never). Rooms
// that do not exist, and those beyond MaxPinnedRooms, are passed over.
func (me Member) SetPreference(ctx context.Context, roomIDs []string, pref Preference, until int64) (done []string, err error) {
	for _, id := range chat.Unique(roomIDs) {
		room, member, err := me.roomOf(ctx, id)
		switch code := chat.CodeOf(err); {
		case code == chat.CodeNotFound || code == chat.CodeForbidden:
			continue
		case err != nil:
			return done, err
		case !member.In || room.Deleted():
			continue
		}
		holds := false
		err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) (err error) {
			holds, err = me.setPreference(ctx, tx, room, pref, until)
			return err
		})
		if err != nil {
			return done, err
		}
		if holds {
			done = append(done, id)
		}
	}
	return done, nil
}

func (me Member) setPreference(ctx context.Context, tx *store.Tx, room chat.Room, pref Preference, until int64) (bool, error) {
	value, expires := int64(0), int64(-1) // those that turn something off
	switch pref {
	case MarkUnread:
		value = 1
	case Mute:
		value = max(until, 0)
		expires = value
	case Unmute:
		value = -1
	case PinRoom:
		value = tx.Now()
		n, already, err := tx.PinnedCount(ctx, me.User, room.ID)
		if err != nil || already || n >= MaxPinnedRooms {
			return already, err
		}
	}
	changed, err := false, error(nil)
	if pref == ClearChat {
		changed, err = tx.ClearRoom(ctx, room.ID, me.User)
	} else {
		changed, err = tx.SetPreference(ctx, room.ID, me.User, pref.kind, value)
	}
	if err != nil || !changed {
		return err == nil, err
	}
	return true, tx.Announce(ctx, &chat.PreferenceChanged{
		Place: room.Place(), User: me.User, Setting: pref.event, Expires: expires,
	})
}

// Preferences lists what the member has set for rooms.
func (me Member) Preferences(ctx context.Context) ([]chat.Preferences, error) {
	user, err := me.store.User(ctx, me.App.ID, me.User)
	if err != nil {
		return nil, err
	}
	return me.store.Preferences(ctx, user, chat.MaxAnswer)
}
