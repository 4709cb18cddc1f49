package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ChangedRooms lists up to limit rooms of the user, those left and deleted ones included, in
// which something may have changed by a change numbered from or higher. They come in the
// order of their ids, beginning at first.
func (s *Store) ChangedRooms(
	ctx context.Context, user *chat.User, from int64, first chat.RoomID, limit int,
) (rooms []chat.RoomID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id chat.RoomID
		err := r.Scan(&id)
		rooms = append(rooms, id)
		return err
	}, `SELECT r.id FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.user_id = $1 AND p.room_id >= $5 AND (p.is_explicit OR p.left_at > 0) AND +r.app_id = $2 AND r.changed >= $4
		UNION SELECT r.id FROM room_roles rr JOIN rooms r ON r.id = rr.room_id
		WHERE rr.app_id = $2 AND rr.role_code = $3 AND rr.role_code <> '' AND rr.room_id >= $5 AND r.changed >= $4
		ORDER BY 1 LIMIT $6`, user.ID, user.App, user.Role.Code, from, first, limit)
	return rooms, s.explain(err)
}
