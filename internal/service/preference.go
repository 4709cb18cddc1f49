package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxPinnedRooms is how many rooms a user can have pinned at a time.
const MaxPinnedRooms = 10

// SetPreference makes a setting for rooms that the member is in, and returns the ids of
// those for which it holds now. Rooms that do not exist, and those beyond MaxPinnedRooms, are
// passed over.
func (me Member) SetPreference(ctx context.Context, roomIDs []string, pref chat.Preference) (done []string, err error) {
	if pref.Kind == chat.PreferMuted && pref.On {
		pref.Until = max(pref.Until, 0)
	} else {
		pref.Until = 0
	}
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
			holds, err = me.setPreference(ctx, tx, room, pref)
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

func (me Member) setPreference(ctx context.Context, tx *store.Tx, room chat.Room, pref chat.Preference) (bool, error) {
	changed, err := false, error(nil)
	if pref.Kind == chat.PreferCleared {
		changed, err = tx.ClearRoom(ctx, room.ID, me.User)
	} else {
		value := preferenceValue(pref, tx.Now())
		if pref.Kind == chat.PreferPinned && pref.On {
			n, already, err := tx.PinnedCount(ctx, me.User, room.ID)
			if err != nil || already || n >= MaxPinnedRooms {
				return already, err
			}
		}
		changed, err = tx.SetPreference(ctx, room.ID, me.User, pref.Kind, value)
	}
	if err != nil || !changed {
		return err == nil, err
	}
	return true, tx.Announce(ctx, &chat.PreferenceChanged{Place: room.Place(), User: me.User, Preference: pref})
}

// preferenceValue is what the store keeps of a preference that is set, or taken back, now (Unix ms).
func preferenceValue(pref chat.Preference, now int64) int64 {
	switch {
	case pref.Kind == chat.PreferMuted && !pref.On:
		return -1
	case !pref.On:
		return 0
	case pref.Kind == chat.PreferMuted:
		return pref.Until
	case pref.Kind == chat.PreferPinned:
		return now
	}
	return 1
}

// Preferences lists what the member has set for rooms.
func (me Member) Preferences(ctx context.Context) ([]chat.Preferences, error) {
	user, err := me.store.User(ctx, me.App.ID, me.User)
	if err != nil {
		return nil, err
	}
	return me.store.Preferences(ctx, user, chat.MaxAnswer)
}
