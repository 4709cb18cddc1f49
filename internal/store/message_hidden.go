package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Hide is when (Unix ms), and by the change of which number, a user has deleted a message
// for themselves.
type Hide struct{ At, Number int64 }

// Hidden returns which messages of the room, by their times, user has deleted for themselves.
func (s *Store) Hidden(
	ctx context.Context, room chat.RoomID, user chat.UserID, low, high int64,
) (map[int64]Hide, error) {
	hidden := map[int64]Hide{}
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var created int64
		var by Hide
		err := r.Scan(&created, &by.At, &by.Number)
		hidden[created] = by
		return err
	}, `SELECT created_at, hidden_at, changed FROM hidden_messages WHERE user_id = $1 AND room_id = $2
		AND created_at >= $3 AND created_at <= $4`, user, room, low, high)
	return hidden, s.explain(err)
}

// HideMessages deletes messages of a room for one user, by their times, and returns those
// that they had not deleted before.
func (tx *Tx) HideMessages(
	ctx context.Context, room chat.RoomID, user chat.UserID, times []int64,
) (hidden []int64, err error) {
	now, number, err := tx.roomChange(ctx, room)
	if err != nil {
		return nil, err
	}
	for _, t := range times {
		n, err := tx.conn.Exec(ctx, `INSERT INTO hidden_messages (user_id, room_id, created_at, hidden_at, changed)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, room_id, created_at) DO NOTHING`, user, room, t, now, number)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			hidden = append(hidden, t)
		}
	}
	if len(hidden) == 0 {
		return nil, nil
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit, hides, marked_at)
		VALUES ($1, $2, FALSE, $3, $4)
		ON CONFLICT (user_id, room_id) DO UPDATE SET hides = participants.hides + excluded.hides,
			marked_at = excluded.marked_at`, user, room, len(hidden), now)
	return hidden, err
}
