package store

import (
	"context"

	"parlor/internal/chat"
)

// MessageList is some messages of a room, in a list of their own: the pinned ones or, where
// User is set, those that a user has bookmarked.
type MessageList struct {
	Room chat.RoomID
	User chat.UserID
}

// from is the list as a table x (message_id, at), with its parameters.
func (l MessageList) from() (table string, args []any) {
	if l.User == 0 {
		return `(SELECT message_id, pinned_at AS at FROM message_pins WHERE room_id = $1)`, []any{l.Room}
	}
	return `(SELECT message_id, starred_at AS at FROM message_stars
		WHERE room_id = $1 AND user_id = $2)`, []any{l.Room, l.User}
}

// SetListed puts a message into the list or takes it out. changed is false where that
// was so before, where the message is gone, or where the list has limit messages already.
func (tx *Tx) SetListed(
	ctx context.Context, l MessageList, id chat.MessageID, on bool, limit int,
) (changed bool, err error) {
	if on {
		table, args := l.from()
		var n int
		if err := tx.conn.Row(ctx, `SELECT COUNT(*) FROM `+table+` x`, args...).Scan(&n); err != nil || n >= limit {
			return false, err
		}
	}
	var rows int64
	now, held := tx.store.nowMS(), tx.store.eng.Locks("KEY SHARE", "m") // a rule of retention may be removing it
	switch {
	case l.User == 0 && on:
		rows, err = tx.conn.Exec(ctx, `INSERT INTO message_pins (room_id, message_id, pinned_at)
			SELECT m.room_id, m.id, CAST($3 AS BIGINT) FROM messages m WHERE m.id = $2 AND m.room_id = $1`+held+`
			ON CONFLICT (room_id, message_id) DO NOTHING`, l.Room, id, now)
	case l.User == 0:
		rows, err = tx.conn.Exec(ctx, `DELETE FROM message_pins WHERE room_id = $1 AND message_id = $2`, l.Room, id)
	case on:
		rows, err = tx.conn.Exec(ctx, `INSERT INTO message_stars (user_id, room_id, message_id, starred_at)
			SELECT CAST($1 AS BIGINT), m.room_id, m.id, CAST($4 AS BIGINT) FROM messages m WHERE m.id = $3 AND m.room_id = $2`+held+`
			ON CONFLICT (user_id, room_id, message_id) DO NOTHING`, l.User, l.Room, id, now)
	default:
		rows, err = tx.conn.Exec(ctx, `DELETE FROM message_stars WHERE user_id = $1 AND room_id = $2 AND message_id = $3`,
			l.User, l.Room, id)
	}
	return rows > 0, err
}

// Listed lists a page of the messages of a list, those put into it last first,
// and how many there are in all. Deleted messages are not among them.
func (s *Store) Listed(
	ctx context.Context, l MessageList, page chat.Page,
) (list []chat.Message, total int, err error) {
	table, args := l.from()
	err = s.eng.Row(ctx, `SELECT COUNT(*) FROM `+table+` x JOIN messages m ON m.id = x.message_id
		WHERE m.deleted_at = 0`, args...).Scan(&total)
	if err != nil {
		return nil, 0, s.explain(err)
	}
	limit, offset := "$2", "$3"
	if l.User != 0 {
		limit, offset = "$3", "$4"
	}
	list, err = s.messageList(ctx, `FROM `+table+` x JOIN messages m ON m.id = x.message_id WHERE m.deleted_at = 0
		ORDER BY x.at DESC, m.id DESC LIMIT `+limit+` OFFSET `+offset, append(args, page.Limit, page.Offset)...)
	return list, total, err
}
