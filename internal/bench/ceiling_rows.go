package bench

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"parlor/internal/powertalk/cipher"
)

// What the server writes into these columns. A test compares the rows.
const (
	groupRoom     = 2
	textMessage   = 1001
	systemMessage = 9001
	createRoom    = "room/create"
	updateRoom    = "room/update"

	bodyCreatedRoom = "{{sender}} created group " // the room's name follows
	bodyUpdatedRoom = "{{sender}} updated the group details"
)

// The statements that write a room and a message. They leave the rows that the store
// leaves, and are copies of what it runs: were they the store's own, the ceiling would
// sink with every statement that the store spends too many. A test compares what both
// leave behind.
const (
	rawInsertRoom = `INSERT INTO rooms (app_id, xc_room_id, type, user_a, user_b, name, photo_thumbnail, photo_fullsize,
		color, tags, created_at, updated_at) VALUES ($1, $2, $3, 0, 0, $4, '', '', '', '[]', $5, $5) RETURNING id`

	// rawInsertFullRoom is rawInsertRoom for one that begins with participants.
	rawInsertFullRoom = `INSERT INTO rooms (app_id, xc_room_id, type, user_a, user_b, name, photo_thumbnail,
		photo_fullsize, color, tags, created_at, updated_at, join_count, people_version)
		VALUES ($1, $2, $3, 0, 0, $4, '', '', '', '[]', $5, $5, $6, 1) RETURNING id`

	// rawInsertPeople is followed by the values of each participant.
	rawInsertPeople = `INSERT INTO participants (user_id, room_id, is_explicit, joined) VALUES `

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

	rawEnterLocalID = `INSERT INTO local_ids (generation, hash, message_id)
		SELECT id, $1, $2 FROM local_id_generations WHERE sealed_at = 0`

	// rawAppendAtOnce is the four before in one statement, for PostgreSQL.
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
		), message AS (
			INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
				is_hidden, quote, action, target_user_id, target_xc_id, target_name, seq, created_at, updated_at)
			SELECT $1::bigint, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::text, '', '', FALSE, '', $7::text, 0, '', '',
				last_seq, last_message_at, last_message_at
			FROM room RETURNING id, seq, created_at
		), entry AS (
			INSERT INTO local_ids (generation, hash, message_id)
			SELECT g.id, $10::bytea, message.id FROM message CROSS JOIN (SELECT id FROM local_id_generations WHERE sealed_at = 0) g
		)
		SELECT id, seq, created_at FROM message`
)

// rawMessage is a message's columns that are not empty.
type rawMessage struct {
	room    int64
	localID string
	sender  int64
	kind    int
	body    string // in the cipher
	action  string
	byApp   bool // nobody's count of own messages rises
}

// insert writes m.
func (r *raw) insert(m *rawMessage) write {
	var id, seq, createdAt int64
	sum := sha256.Sum256([]byte(m.localID))
	hash := sum[:16]
	values := func(more ...any) []any {
		return append([]any{r.app, m.room, m.localID, m.sender, m.kind, m.body, m.action}, more...)
	}
	if r.atOnce {
		return write{{rawAppendAtOnce, func() []any { return values(nowMS(), !m.byApp, hash) }, []any{&id, &seq, &createdAt}}}
	}
	w := write{
		{rawRaiseCounters, func() []any { return []any{nowMS(), m.room, r.app} }, []any{&seq, &createdAt}},
		{rawInsertMessage, func() []any { return values(seq, createdAt) }, []any{&id}},
		{rawEnterLocalID, func() []any { return []any{hash, id} }, nil},
	}
	if !m.byApp {
		w = append(w, statement{rawCountOwn, func() []any { return []any{m.sender, m.room} }, nil})
	}
	return w
}

// notice is a system message in the App's name. Its body was enciphered beforehand: the
// ceiling is what the rows cost, not what goes into them.
func (r *raw) notice(room int64, action, body string) *rawMessage {
	return &rawMessage{
		room: room, localID: cipher.NewLocalID(), sender: r.systemUser,
		kind: systemMessage, body: body, action: action, byApp: true,
	}
}

// createRoom writes a new room and its first message.
func (r *raw) createRoom(xc, name, body string) write {
	m := r.notice(0, createRoom, body)
	room := statement{rawInsertRoom, func() []any { return []any{r.app, xc, groupRoom, name, nowMS()} }, []any{&m.room}}
	return append(write{room}, r.insert(m)...)
}

// createFullRoom writes a new room, who is in it, and its first message.
func (r *raw) createFullRoom(xc, name, body string, people []int64) write {
	m := r.notice(0, createRoom, body)
	room := statement{rawInsertFullRoom, func() []any {
		return []any{r.app, xc, groupRoom, name, nowMS(), len(people)}
	}, []any{&m.room}}
	if len(people) == 0 {
		return append(write{room}, r.insert(m)...)
	}
	var insert strings.Builder
	insert.WriteString(rawInsertPeople)
	for i := range people {
		if i > 0 {
			insert.WriteByte(',')
		}
		fmt.Fprintf(&insert, "($%d, $1, TRUE, %d)", i+2, i+1)
	}
	all := statement{insert.String(), func() []any {
		values := []any{m.room}
		for _, user := range people {
			values = append(values, user)
		}
		return values
	}, nil}
	return append(write{room, all}, r.insert(m)...)
}

// renameRoom writes a room's new name and the message that tells of it.
func (r *raw) renameRoom(room int64, name, body string) write {
	update := statement{rawUpdateRoom, func() []any { return []any{name, nowMS(), room, r.app} }, nil}
	return append(write{update}, r.insert(r.notice(room, updateRoom, body))...)
}

// sendMessage writes a text message.
func (r *raw) sendMessage(room, sender int64, body string) write {
	return r.insert(&rawMessage{
		room: room, localID: cipher.NewLocalID(), sender: sender, kind: textMessage, body: body,
	})
}

// sealedLike is text of the length that plain has in the cipher.
func sealedLike(plain string) (string, error) { return cipher.Seal(plain, cipher.NewLocalID()) }
