package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// MessageForUpdate finds a message by its localID, or CodeNotFound, and keeps others
// from changing it until the commit.
func (tx *Tx) MessageForUpdate(ctx context.Context, app chat.AppID, localID string) (chat.Message, error) {
	m, err := scanMessage(tx.conn.Row(ctx, messageSelect+`FROM messages m WHERE m.app_id = $1 AND m.local_id = $2`+
		tx.store.eng.ForUpdate("m"), app, localID))
	if engine.NoRows(err) {
		err = chat.Missing(chat.Errorf(chat.CodeNotFound, "Message is not found"), localID)
	}
	return m, err
}

// ChangeMessage stores m's type, content, edit and deletion under a later UpdatedAt.
// Counts stand as they are: what was deleted is left out of them where they are read.
func (tx *Tx) ChangeMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	var err error
	if m.UpdatedAt, m.Number, err = tx.roomChange(ctx, m.Room); err != nil {
		return m, err
	}
	quote, err := jsonOrNothing(storedQuote(m.Quote))
	if err != nil {
		return m, err
	}
	_, err = tx.conn.Exec(ctx, `UPDATE messages SET type = $1, body = $2, data = $3, quote = $4, is_edited = $5,
		deleted_at = $6, updated_at = $7, changed = $8 WHERE id = $9 AND app_id = $10`,
		m.Type, m.Body, m.Data, quote, m.Edited, m.DeletedAt, m.UpdatedAt, m.Number, m.ID, m.App)
	touch(tx, roomMessages{m.Room})
	return m, err
}

// HideMessages deletes messages of a room for one user, by their times, and returns those
// that he had not deleted before.
func (tx *Tx) HideMessages(ctx context.Context, room chat.RoomID, user chat.UserID, times []int64) (hidden []int64, err error) {
	now, number, err := tx.roomChange(ctx, room)
	if err != nil {
		return nil, err
	}
	for _, t := range times {
		n, err := tx.conn.Exec(ctx, `INSERT INTO hidden_messages (user_id, room_id, created_at, hidden_at, changed) VALUES ($1, $2, $3, $4, $5)
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
	_, err = tx.conn.Exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit, hides, marked_at) VALUES ($1, $2, FALSE, $3, $4)
		ON CONFLICT (user_id, room_id) DO UPDATE SET hides = participants.hides + excluded.hides, marked_at = excluded.marked_at`,
		user, room, len(hidden), now)
	return hidden, err
}

// SetAdmins gives users of the room the admin right, or takes it, and returns those whom
// that changed. Who is in by role alone gets a row that says so.
func (tx *Tx) SetAdmins(ctx context.Context, room chat.RoomID, users []chat.UserID, admin bool) ([]chat.UserID, error) {
	touch(tx, roomPeople{room})
	return tx.changed(ctx, users, `UPDATE participants SET is_admin = $3
		WHERE `+tx.store.eng.IDInList("user_id", "$1")+` AND room_id = $2 AND is_explicit AND is_admin <> $3 RETURNING user_id`, room, admin)
}

// MarkLeft notes what the last message is that those who left may see.
func (tx *Tx) MarkLeft(ctx context.Context, room chat.RoomID, users []chat.UserID, at int64) error {
	_, err := tx.conn.Exec(ctx, `UPDATE participants SET left_at = $3 WHERE `+tx.store.eng.IDInList("user_id", "$1")+
		` AND room_id = $2 AND NOT is_explicit`, tx.store.eng.IDListArg(idsOf(users)), room, at)
	return err
}

// ParticipantCount counts who is in the room, by name or by role.
func (tx *Tx) ParticipantCount(ctx context.Context, room chat.RoomID) (n int, err error) {
	err = tx.conn.Row(ctx, participantCount, room).Scan(&n)
	return n, err
}

// AdminCount counts the room's admins.
func (tx *Tx) AdminCount(ctx context.Context, room chat.RoomID) (n int, err error) {
	err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM participants WHERE room_id = $1 AND is_explicit AND is_admin`, room).Scan(&n)
	return n, err
}
