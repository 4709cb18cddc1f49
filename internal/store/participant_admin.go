package store

import (
	"context"

	"parlor/internal/chat"
)

// SetAdmins gives users of the room the admin right, or takes it, and returns those whom
// that changed. A user who is in by role alone gets a row that says so.
func (tx *Tx) SetAdmins(ctx context.Context, room chat.RoomID, users []chat.UserID, admin bool) ([]chat.UserID, error) {
	touch(tx, roomPeople{room})
	if err := tx.restricted(ctx, room); err != nil {
		return nil, err
	}
	return tx.changed(ctx, users, `UPDATE participants SET is_admin = $3
		WHERE `+tx.store.eng.IDInList("user_id", "$1")+` AND room_id = $2 AND is_explicit AND is_admin <> $3
		RETURNING user_id`, room, admin)
}

// AdminCount counts the room's admins.
func (tx *Tx) AdminCount(ctx context.Context, room chat.RoomID) (n int, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM participants
		WHERE room_id = $1 AND is_explicit AND is_admin`, room).Scan(&n)
	return n, err
}
