package store

import (
	"context"
	"encoding/json"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// AppendMessage stores m as the newest message of its room and returns it with its
// number, id and times. Raising the room's counters locks the room's row, so numbers
// have neither gaps nor doubles and created_at strictly increases in commit order,
// whatever the clock does. Where the room is deleted, where the localID is taken, and
// where m.Guarded is set and its sender may not write, nothing happens and the error is
// ErrNotAppended.
//
// One's own messages are never unread, so the sender's count of visible messages rises
// with the room's; a hidden message counts nowhere, and nobody is the App.
func (tx *Tx) AppendMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	row, err := newMessageRow(m, tx.store.nowMS())
	if err != nil {
		return m, err
	}
	if tx.store.eng.WritesInWith() {
		err = tx.conn.Row(ctx, tx.store.statements.appendAtOnce, row.atOnce(tx.base)...).Scan(append([]any{&m.ID}, countersOf(&m)...)...)
	} else {
		err = row.stepwise(ctx, tx, &m)
	}
	m.UpdatedAt = m.CreatedAt
	if engine.NoRows(err) {
		return m, ErrNotAppended
	}
	if err != nil {
		return m, fmt.Errorf("append message: %w", err)
	}
	m.Added, tx.number = m.Number, m.Number
	tx.events = append(tx.events, messageSent(m))
	return m, nil
}

func messageSent(m chat.Message) chat.Event {
	return &chat.MessageSent{
		Change: chat.Change{Number: m.Number}, Place: chat.Place{App: m.App, Room: m.Room}, Message: &m,
		PeopleVersion: m.PeopleVersion, RoomUpdatedAt: m.RoomUpdatedAt,
	}
}

// ErrNotAppended says that a message was not stored because something in the database
// forbids it. It is CodeNotFound, the only reason for a message that is not guarded; of
// one that is, the service finds out what it was.
var ErrNotAppended = chat.RoomNotFound()

// messageRow is what the statements that append a message take.
type messageRow struct {
	values  []any // of the columns of messages, up to target_name
	now     int64
	visible int  // what the message adds to the room's count
	counts  bool // whether it adds to the sender's own
	guarded bool // only if the sender may write
	fresh   bool // its localID cannot be taken
}

func newMessageRow(m chat.Message, now int64) (messageRow, error) {
	quote, err := jsonOrNothing(storedQuote(m.Quote))
	reply, forward := "", ""
	if err == nil {
		reply, err = jsonOrNothing(storedReference(m.ReplyTo))
	}
	if err == nil {
		forward, err = jsonOrNothing(storedReference(m.Forward))
	}
	r := messageRow{now: now, visible: 1, counts: !m.Hidden && !m.ByApp, guarded: m.Guarded, fresh: m.FreshID && !m.Guarded, values: []any{
		m.App, m.Room, m.LocalID, m.Sender, m.Type, m.Body, m.Data, m.FilterID,
		m.Hidden, quote, string(m.Action), m.Target.User, m.Target.XCID, m.Target.Name,
		reply, forward,
	}}
	if m.Hidden {
		r.visible = 0
	}
	return r, err
}

// atOnce are the parameters of appendAtOnce.
func (r messageRow) atOnce(base int64) []any {
	return append(r.values, r.now, r.visible, r.counts, r.guarded, base)
}

// countersOf is where a room's counters go, as the statements return them.
func countersOf(m *chat.Message) []any {
	return []any{&m.Seq, &m.CreatedAt, &m.PeopleVersion, &m.RoomUpdatedAt, &m.Number}
}

// stepwise does what appendAtOnce does, for an engine that cannot.
func (r messageRow) stepwise(ctx context.Context, tx *Tx, m *chat.Message) error {
	var err error
	if r.fresh {
		err = tx.conn.Row(ctx, tx.store.statements.raise, r.now, r.visible, m.Room, m.App, tx.base).Scan(countersOf(m)...)
	} else {
		err = tx.conn.Row(ctx, tx.store.statements.raiseGuarded, r.now, r.visible, m.Room, m.App, tx.base, m.LocalID, m.Sender, r.guarded).
			Scan(countersOf(m)...)
	}
	if err != nil {
		return err
	}
	if err := tx.conn.Row(ctx, insertMessage, append(r.values, m.Seq, m.CreatedAt, m.Number)...).Scan(&m.ID); err != nil {
		return err
	}
	if r.counts {
		_, err = tx.conn.Exec(ctx, countOwn, m.Sender, m.Room)
	}
	return err
}

// mayWrite holds for a sender in a room that is not locked; %[1]s is the sender and %[2]s
// the condition's switch.
const mayWrite = `(NOT %[2]s OR locked_at = 0 AND (
		EXISTS (SELECT 1 FROM participants p WHERE p.user_id = %[1]s AND p.room_id = rooms.id AND p.is_explicit)
		OR EXISTS (SELECT 1 FROM users u JOIN room_roles rr ON rr.app_id = u.app_id AND rr.role_code = u.role_code
			WHERE u.id = %[1]s AND u.role_code <> '' AND u.deleted_at = 0 AND rr.room_id = rooms.id)))`

// counters is how a room's row changes with a message: time is the parameter of the clock,
// visible that of what the message adds to the count, number the change's number.
func counters(eng engine.Engine, time, visible, number string) string {
	at := "CASE WHEN changed_at >= " + time + " THEN changed_at + 1 ELSE " + time + " END"
	return `UPDATE rooms SET
			last_seq = last_seq + 1,
			last_message_at = ` + at + `,
			changed_at = ` + at + `,
			changed = ` + eng.Greatest("changed", number) + `,
			visible_count = visible_count + ` + visible + `,
			last_visible_at = CASE WHEN ` + visible + ` = 0 THEN last_visible_at ELSE ` + at + ` END`
}

const returnCounters = ` RETURNING last_seq, last_message_at, people_version, updated_at`

// raiseStatements are the first of the statements that append a message one by one. The
// guarded one does nothing where the localID is taken or the sender may not write.
func raiseStatements(eng engine.Engine) (raise, guarded string) {
	raise = counters(eng, "$1", "$2", eng.Number("$5")) + `
		WHERE id = $3 AND app_id = $4 AND deleted_at = 0`
	guarded = raise + `
			AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.app_id = $4 AND m.local_id = $6)
			AND ` + fmt.Sprintf(mayWrite, "$7", "$8")
	return raise + returnCounters + ", changed", guarded + returnCounters + ", changed"
}

const (
	insertMessage = `INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
			is_hidden, quote, action, target_user_id, target_xc_id, target_name, reply_to, forward_from,
			seq, created_at, updated_at, added)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19) RETURNING id`

	countOwn = `INSERT INTO participants (user_id, room_id, is_explicit, sent_count) VALUES ($1, $2, FALSE, 1)
		ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1`
)

// appendStatement appends a message in one statement.
func appendStatement(eng engine.Engine) string {
	return `WITH room AS (
			` + counters(eng, "$17::bigint", "$18::bigint", eng.Number("$21")) + `
			WHERE id = $2 AND app_id = $1 AND deleted_at = 0
				AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.app_id = $1 AND m.local_id = $3)
				AND ` + fmt.Sprintf(mayWrite, "$4", "$20::boolean") + returnCounters + ` AS room_updated_at, changed
		), own AS (
			INSERT INTO participants (user_id, room_id, is_explicit, sent_count)
			SELECT $4::bigint, $2::bigint, FALSE, 1 FROM room WHERE $19::boolean
			ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1
		), message AS (
			INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
				is_hidden, quote, action, target_user_id, target_xc_id, target_name, reply_to, forward_from,
				seq, created_at, updated_at, added)
			SELECT $1::bigint, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::text, $7::text, $8::text,
				$9::boolean, $10::text, $11::text, $12::bigint, $13::text, $14::text, $15::text, $16::text,
				last_seq, last_message_at, last_message_at, changed
			FROM room RETURNING id
		)
		SELECT message.id, last_seq, last_message_at, people_version, room_updated_at, changed FROM room, message`
}

// MessageByLocalID finds a message by the id that its sender chose. found is false when
// there is none in the App.
func (tx *Tx) MessageByLocalID(ctx context.Context, app chat.AppID, localID string) (m chat.Message, found bool, err error) {
	m, err = scanMessage(tx.conn.Row(ctx, messageSelect+`FROM messages m WHERE m.app_id = $1 AND m.local_id = $2`, app, localID))
	if engine.NoRows(err) {
		return m, false, nil
	}
	return m, err == nil, err
}

const messageSelect = `SELECT m.id, m.app_id, m.room_id, m.seq, m.local_id, m.sender_id, m.type, m.body, m.data, m.filter_id,
	m.is_hidden, m.quote, m.action, m.target_user_id, m.target_xc_id, m.target_name, m.reply_to, m.forward_from, m.is_edited,
	m.created_at, m.updated_at, m.deleted_at, m.added, m.changed `

func scanMessage(r engine.Row) (m chat.Message, err error) {
	var quote, reply, forward string
	var changed int64
	err = r.Scan(&m.ID, &m.App, &m.Room, &m.Seq, &m.LocalID, &m.Sender, &m.Type, &m.Body, &m.Data, &m.FilterID,
		&m.Hidden, &quote, (*string)(&m.Action), &m.Target.User, &m.Target.XCID, &m.Target.Name, &reply, &forward, &m.Edited,
		&m.CreatedAt, &m.UpdatedAt, &m.DeletedAt, &m.Added, &changed)
	if m.Added == 0 {
		m.Added = m.CreatedAt // it is older than numbers
	}
	m.Number = max(m.Added, changed)
	if err == nil && quote != "" {
		err = json.Unmarshal([]byte(quote), (*storedQuote)(&m.Quote))
	}
	if err == nil && reply != "" {
		err = json.Unmarshal([]byte(reply), (*storedReference)(&m.ReplyTo))
	}
	if err == nil && forward != "" {
		err = json.Unmarshal([]byte(forward), (*storedReference)(&m.Forward))
	}
	return m, err
}

// storedQuote is the form of a quote in its column.
type storedQuote struct {
	Title    string `json:"title,omitempty"`
	Content  string `json:"content,omitempty"`
	ImageURL string `json:"imageURL,omitempty"`
	FileID   string `json:"fileID,omitempty"`
	FileType string `json:"fileType,omitempty"`
	VideoURL string `json:"videoURL,omitempty"`
}

// storedReference is the form of a reply's or forward's origin in its column.
type storedReference struct {
	User     string `json:"userID,omitempty"`
	XCUser   string `json:"xcUserID,omitempty"`
	Fullname string `json:"fullname,omitempty"`
	Message  string `json:"messageID,omitempty"`
	LocalID  string `json:"localID,omitempty"`
	Type     int64  `json:"messageType,omitempty"`
	RoomID   string `json:"roomID,omitempty"`
}

// jsonOrNothing is v's column: "" for the zero value, which nearly all are.
func jsonOrNothing[T comparable](v T) (string, error) {
	var zero T
	if v == zero {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}
