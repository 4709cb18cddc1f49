package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Setting is what a user has set for one room.
type Setting struct {
	Muted, Pinned, MarkedUnread bool
	Cleared                     bool  // nothing that shows was written since
	MutedUntil                  int64 // Unix ms, 0 for never
}

// Preference reads what a user has set for a room.
func (s *Store) Preference(ctx context.Context, room chat.RoomID, user chat.UserID) (set Setting, err error) {
	err = s.eng.Row(ctx, `SELECT p.muted_until, p.pinned_at > 0, p.marked_unread, p.cleared_at > 0 AND p.cleared_at >= r.last_visible_at
		FROM participants p JOIN rooms r ON r.id = p.room_id WHERE p.user_id = $1 AND p.room_id = $2`, user, room).
		Scan(&set.MutedUntil, &set.Pinned, &set.MarkedUnread, &set.Cleared)
	if engine.NoRows(err) {
		return Setting{}, nil
	}
	if set.Muted = set.MutedUntil > s.nowMS(); set.MutedUntil == mutedForEver {
		set.MutedUntil = 0
	}
	return set, s.explain(err)
}
