package store

import (
	"context"

	"parlor/internal/chat"
)

// ClearRoom hides everything in a room so far from user, and has it count as read; changed
// says that something is hidden now that was not before.
//
// With the room's row locked its counters say how much that is: all that is visible but
// for the user's own. So it costs the same in a room of ten and of a million messages.
func (tx *Tx) ClearRoom(ctx context.Context, room chat.RoomID, user chat.UserID) (changed bool, err error) {
	at, number, err := tx.roomChange(ctx, room)
	if err != nil {
		return false, err
	}
	var upTo, visible int64
	err = tx.conn.Row(ctx, `SELECT last_message_at, visible_count FROM rooms WHERE id = $1`+
		tx.store.eng.ForUpdate("rooms"), room).Scan(&upTo, &visible)
	if err != nil {
		return false, err
	}
	if changed, err = tx.SetPreference(ctx, room, user, chat.PreferCleared, upTo); err != nil || !changed {
		return false, err
	}
	all := chat.Spans{{From: 1, To: upTo, At: at, Number: number, Joined: true}}
	_, err = tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = FALSE,
			read_count = CAST($3 AS BIGINT) - sent_count, marked_unread = FALSE
		WHERE user_id = $4 AND room_id = $5 AND sent_count < $3`, all.Encode(), upTo, visible, user, room)
	return true, err
}
