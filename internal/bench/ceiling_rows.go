package bench

import (
	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
)

// The statements that write a room and a message. They leave the rows that the store
// leaves, and are copies of what it runs: were they the store's own, the ceiling would
// sink with every statement that the store spends too many. A test compares what both
// leave behind.
const (
	rawInsertRoom = `INSERT INTO rooms (app_id, xc_room_id, type, user_a, user_b, name, photo_thumbnail, photo_fullsize,
		color, tags, created_at, updated_at) VALUES ($1, $2, $3, 0, 0, $4, '', '', '', '[]', $5, $5) RETURNING id`

	rawUpdateRoom = `UPDATE rooms SET name = $1, photo_thumbnail = '', photo_fullsize = '', tags = '[]',
		locked_at = 0, deleted_at = 0, updated_at = $2 WHERE id = $3 AND app_id = $4`

	rawRaiseCounters = `UPDATE rooms SET
			last_seq = last_seq + 1,
			last_message_at = CASE WHEN last_message_at >= $1 THEN last_message_at + 1 ELSE $1 END,
			visible_count = visible_count + 1,
			last_visible_at = CASE WHEN last_message_at >= $1 THEN last_message_at + 1 ELSE $1 END
		WHERE id = $2 AND app_id = $3 AND deleted_at = 0 RETURNING last_seq, last_message_at`

	rawInsertMessage = `INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
			is_hidden, quote, action, target_user_id, target_xc_id, target_name, seq, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, '', '', FALSE, '', $7, 0, '', '', $8, $9, $9) RETURNING id`

	rawCountOwn = `INSERT INTO participants (user_id, room_id, is_explicit, sent_count) VALUES ($1, $2, FALSE, 1)
		ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1`

	// rawAppendAtOnce is the three before in one statement, for PostgreSQL.
	rawAppendAtOnce = `WITH room AS (
			UPDATE rooms SET
				last_seq = last_seq + 1,
				last_message_at = CASE WHEN last_message_at >= $8::bigint THEN last_message_at + 1 ELSE $8 END,
				visible_count = visible_count + 1,
				last_visible_at = CASE WHEN last_message_at >= $8 THEN last_message_at + 1 ELSE $8 END
			WHERE id = $2 AND app_id = $1 AND deleted_at = 0 RETURNING last_seq, last_message_at
		), own AS (
			INSERT INTO participants (user_id, room_id, is_explicit, sent_count)
			SELECT $4::bigint, $2::bigint, FALSE, 1 FROM room WHERE $9::boolean
			ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1
		)
		INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
			is_hidden, quote, action, target_user_id, target_xc_id, target_name, seq, created_at, updated_at)
		SELECT $1::bigint, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::text, '', '', FALSE, '', $7::text, 0, '', '',
			last_seq, last_message_at, last_message_at
		FROM room RETURNING id, seq, created_at`
)

// rawMessage is a message's columns that are not empty.
type rawMessage struct {
	app     chat.AppID
	room    chat.RoomID
	localID string
	sender  chat.UserID
	kind    chat.MessageType
	body    string // in the cipher
	action  chat.Action
	byApp   bool // nobody's count of own messages rises
}

// insert writes m. atOnce is for PostgreSQL, to which a statement is a round trip.
func (m *rawMessage) insert(atOnce bool) write {
	var id, seq, createdAt int64
	values := func(more ...any) []any {
		return append([]any{m.app, m.room, m.localID, m.sender, m.kind, m.body, string(m.action)}, more...)
	}
	if atOnce {
		return write{{rawAppendAtOnce, func() []any { return values(nowMS(), !m.byApp) }, []any{&id, &seq, &createdAt}}}
	}
	w := write{
		{rawRaiseCounters, func() []any { return []any{nowMS(), m.room, m.app} }, []any{&seq, &createdAt}},
		{rawInsertMessage, func() []any { return values(seq, createdAt) }, []any{&id}},
	}
	if !m.byApp {
		w = append(w, statement{rawCountOwn, func() []any { return []any{m.sender, m.room} }, nil})
	}
	return w
}

// notice is a system message in the App's name. Its body was enciphered beforehand: the
// ceiling is what the rows cost, not what goes into them.
func notice(app chat.App, room chat.RoomID, action chat.Action, body string) *rawMessage {
	return &rawMessage{
		app: app.ID, room: room, localID: cipher.NewLocalID(), sender: app.SystemUser,
		kind: chat.SystemMessage, body: body, action: action, byApp: true,
	}
}

// createRoom writes a new room and its first message.
func (db database) createRoom(xc, name, body string) write {
	m := notice(db.app, 0, chat.ActionCreateRoom, body)
	room := statement{rawInsertRoom, func() []any { return []any{db.app.ID, xc, chat.Group, name, nowMS()} }, []any{&m.room}}
	return append(write{room}, m.insert(db.dsn != "")...)
}

// renameRoom writes a room's new name and the message that tells of it.
func (db database) renameRoom(room chat.RoomID, name, body string) write {
	update := statement{rawUpdateRoom, func() []any { return []any{name, nowMS(), room, db.app.ID} }, nil}
	return append(write{update}, notice(db.app, room, chat.ActionUpdateRoom, body).insert(db.dsn != "")...)
}

// sendMessage writes a text message.
func (db database) sendMessage(room chat.RoomID, sender chat.UserID, body string) write {
	m := rawMessage{
		app: db.app.ID, room: room, localID: cipher.NewLocalID(), sender: sender, kind: chat.TextMessage, body: body,
	}
	return m.insert(db.dsn != "")
}
