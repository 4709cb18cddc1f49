package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// settleLines mends what the list query cannot tell: counts with holes in what was read,
// and the newest message of a user who has deleted it for themselves. Few rooms need it, and
// those together take one query a kind.
func (s *Store) settleLines(ctx context.Context, user chat.UserID, lines []listLine) error {
	byRoom := map[chat.RoomID]*listLine{}
	var deleted, hiding [][2]int64 // rooms, with the time behind which to look
	for i := range lines {
		l := &lines[i]
		l.unread -= l.deleted
		if l.hasHoles && l.deleted > 0 {
			byRoom[l.Room], deleted = l, append(deleted, [2]int64{int64(l.Room), l.readUpTo})
		}
		if l.hides > 0 {
			byRoom[l.Room], hiding = l, append(hiding, [2]int64{int64(l.Room), l.clearedAt})
		}
	}
	if err := s.recountDeleted(ctx, user, deleted, byRoom); err != nil {
		return err
	}
	return s.findShown(ctx, user, hiding, byRoom)
}

// recountDeleted gives back those deleted messages that the user had read beyond a hole.
func (s *Store) recountDeleted(
	ctx context.Context, user chat.UserID, from [][2]int64, byRoom map[chat.RoomID]*listLine,
) error {
	if len(from) == 0 {
		return nil
	}
	return engine.Each(ctx, s.eng, func(r engine.Row) error {
		var room chat.RoomID
		var created int64
		err := r.Scan(&room, &created)
		if l := byRoom[room]; err == nil && l.receipts.Read.Has(created) {
			l.unread++
		}
		return err
	}, `SELECT m.room_id, m.created_at `+s.eng.ForEach(s.eng.RowsOf("$1", 2), "messages",
		"m.room_id = k.a AND m.deleted_at > 0 AND m.created_at > k.b")+` WHERE NOT m.is_hidden AND m.sender_id <> $2`,
		engine.JSON(from), user)
}

// findShown finds the newest messages that the user has not deleted for themselves, 0 where
// there is none.
func (s *Store) findShown(
	ctx context.Context, user chat.UserID, from [][2]int64, byRoom map[chat.RoomID]*listLine,
) error {
	if len(from) == 0 {
		return nil
	}
	return engine.Each(ctx, s.eng, func(r engine.Row) error {
		var room chat.RoomID
		var created int64
		err := r.Scan(&room, &created)
		if err == nil {
			byRoom[room].CreatedAt = created
		}
		return err
	}, `SELECT k.a, COALESCE((SELECT n.created_at FROM messages n
			WHERE n.room_id = k.a AND n.created_at > k.b AND NOT n.is_hidden AND (NOT n.withheld OR n.sender_id = $2)
			AND NOT EXISTS (SELECT 1 FROM hidden_messages h
				WHERE h.user_id = $2 AND h.room_id = k.a AND h.created_at = n.created_at)
			ORDER BY n.created_at DESC LIMIT 1), 0) FROM `+s.eng.RowsOf("$1", 2)+` k`, engine.JSON(from), user)
}
