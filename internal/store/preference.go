package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SetPreference stores what a user has set for a room; changed says that this was not so
// before. A user who is in by role alone gets a row for it.
func (tx *Tx) SetPreference(
	ctx context.Context, room chat.RoomID, user chat.UserID, kind chat.PreferenceKind, value int64,
) (changed bool, err error) {
	if _, err := tx.conn.Exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit) VALUES ($1, $2, FALSE)
		ON CONFLICT (user_id, room_id) DO NOTHING`, user, room); err != nil {
		return false, err
	}
	statement := map[chat.PreferenceKind]string{
		chat.PreferUnread: `UPDATE participants SET marked_unread = (CAST($3 AS BIGINT) > 0)
			WHERE user_id = $1 AND room_id = $2 AND marked_unread <> (CAST($3 AS BIGINT) > 0)`,
		chat.PreferMuted: `UPDATE participants SET muted_until = $3
			WHERE user_id = $1 AND room_id = $2 AND muted_until <> $3`,
		chat.PreferPinned: `UPDATE participants SET pinned_at = CAST($3 AS BIGINT)
			WHERE user_id = $1 AND room_id = $2 AND (pinned_at > 0) <> (CAST($3 AS BIGINT) > 0)`,
		chat.PreferCleared: `UPDATE participants SET cleared_at = $3
			WHERE user_id = $1 AND room_id = $2 AND cleared_at < $3`,
	}[kind]
	if kind == chat.PreferMuted {
		value = mutedColumn(value)
	}
	n, err := tx.conn.Exec(ctx, statement, user, room, value)
	return n > 0, err
}

// mutedForEver is later than any time that a mute can end.
const mutedForEver = 1 << 53

// mutedColumn turns what a user sets into the column's form.
func mutedColumn(until int64) int64 {
	switch until {
	case -1:
		return 0
	case 0:
		return mutedForEver
	}
	return min(until, mutedForEver-1)
}

// Preferences lists what user has set for rooms, those pinned last first.
func (s *Store) Preferences(ctx context.Context, user *chat.User, limit int) (list []chat.Preferences, err error) {
	err = engine.Each(ctx, s.eng, func(row engine.Row) error {
		var p chat.Preferences
		room, err := scanRoom(row, &p.UnreadFlag, &p.MutedUntil, &p.PinnedAt, &p.ClearedAt)
		p.Room = &room
		p.Muted = p.MutedUntil > s.nowMS()
		if p.MutedUntil == mutedForEver {
			p.MutedUntil = 0
		}
		list = append(list, p)
		return err
	}, `SELECT `+roomColumns+`, p.marked_unread, p.muted_until, p.pinned_at, p.cleared_at
		FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND r.app_id = $2 AND r.deleted_at = 0
			AND (p.marked_unread OR p.muted_until > 0 OR p.pinned_at > 0 OR p.cleared_at > 0)
			AND p.banned_until = 0 AND (p.is_explicit OR EXISTS (SELECT 1 FROM room_roles rr
				WHERE rr.app_id = $2 AND rr.role_code = $3 AND rr.room_id = r.id))
		ORDER BY p.pinned_at DESC, r.id LIMIT $4`, user.ID, user.App, user.Role.Code, limit)
	return list, s.explain(err)
}

// PinnedCount counts the rooms that a user has pinned and says whether this is one of them.
func (tx *Tx) PinnedCount(ctx context.Context, user chat.UserID, room chat.RoomID) (n int, already bool, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*), COALESCE(MAX(CASE WHEN room_id = $2 THEN 1 ELSE 0 END), 0) > 0
		FROM participants WHERE user_id = $1 AND pinned_at > 0`, user, room).Scan(&n, &already)
	return n, already, err
}

// Setting is what a user has set for one room.
type Setting struct {
	Muted, Pinned, UnreadFlag bool
	Cleared                   bool  // nothing that shows was written since
	MutedUntil                int64 // Unix ms, 0 for never
}

// Preference reads what a user has set for a room.
func (s *Store) Preference(ctx context.Context, room chat.RoomID, user chat.UserID) (set Setting, err error) {
	err = s.eng.Row(ctx, `SELECT p.muted_until, p.pinned_at > 0, p.marked_unread,
		p.cleared_at > 0 AND p.cleared_at >= r.last_visible_at
		FROM participants p JOIN rooms r ON r.id = p.room_id WHERE p.user_id = $1 AND p.room_id = $2`, user, room).
		Scan(&set.MutedUntil, &set.Pinned, &set.UnreadFlag, &set.Cleared)
	if engine.NoRows(err) {
		return Setting{}, nil
	}
	if set.Muted = set.MutedUntil > s.nowMS(); set.MutedUntil == mutedForEver {
		set.MutedUntil = 0
	}
	return set, s.explain(err)
}
