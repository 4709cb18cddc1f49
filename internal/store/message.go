package store

import (
	"context"
	"encoding/json"
	"fmt"

	"parlor/internal/chat"
)

// AppendMessage stores m as the newest message of its room and returns it with its
// number, id and times. Raising the room's counters locks the room's row, so numbers
// have neither gaps nor doubles and created_at strictly increases in commit order,
// whatever the clock does. A deleted room is CodeNotFound.
//
// One's own messages are never unread, so the sender's count of visible messages rises
// with the room's; a hidden message counts nowhere, and nobody is the App.
func (tx *Tx) AppendMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	row, err := newMessageRow(m, tx.store.nowMS())
	if err != nil {
		return m, err
	}
	if tx.store.eng.appendAtOnce() {
		err = tx.row(ctx, appendAtOnce, row.atOnce()...).Scan(&m.ID, &m.Seq, &m.CreatedAt)
	} else {
		err = row.stepwise(ctx, tx, &m)
	}
	m.UpdatedAt = m.CreatedAt
	if noRows(err) {
		return m, chat.RoomNotFound()
	}
	if err != nil {
		return m, fmt.Errorf("append message: %w", err)
	}
	return m, nil
}

// messageRow is what the statements that append a message take.
type messageRow struct {
	values  []any // of the columns of messages, up to target_name
	now     int64
	visible int  // what the message adds to the room's count
	counts  bool // whether it adds to the sender's own
}

func newMessageRow(m chat.Message, now int64) (messageRow, error) {
	quote, err := quoteText(m.Quote)
	r := messageRow{now: now, visible: 1, counts: !m.Hidden && !m.ByApp, values: []any{
		m.App, m.Room, m.LocalID, m.Sender, m.Type, m.Body, m.Data, m.FilterID,
		m.Hidden, quote, string(m.Action), m.Target.User, m.Target.XCID, m.Target.Name,
	}}
	if m.Hidden {
		r.visible = 0
	}
	return r, err
}

// atOnce are the parameters of appendAtOnce.
func (r messageRow) atOnce() []any { return append(r.values, r.now, r.visible, r.counts) }

// stepwise does what appendAtOnce does, for an engine that cannot.
func (r messageRow) stepwise(ctx context.Context, tx *Tx, m *chat.Message) error {
	err := tx.row(ctx, raiseCounters, r.now, r.visible, m.Room, m.App).Scan(&m.Seq, &m.CreatedAt)
	if err != nil {
		return err
	}
	if err := tx.row(ctx, insertMessage, append(r.values, m.Seq, m.CreatedAt)...).Scan(&m.ID); err != nil {
		return err
	}
	if r.counts {
		_, err = tx.exec(ctx, countOwn, m.Sender, m.Room)
	}
	return err
}

// The statements of AppendMessage, one by one and, below, as one.
const (
	raiseCounters = `UPDATE rooms SET
			last_seq = last_seq + 1,
			last_message_at = CASE WHEN last_message_at >= $1 THEN last_message_at + 1 ELSE $1 END,
			visible_count = visible_count + $2,
			last_visible_at = CASE WHEN $2 = 0 THEN last_visible_at
				WHEN last_message_at >= $1 THEN last_message_at + 1 ELSE $1 END
		WHERE id = $3 AND app_id = $4 AND deleted_at = 0 RETURNING last_seq, last_message_at`

	insertMessage = `INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
			is_hidden, quote, action, target_user_id, target_xc_id, target_name, seq, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16) RETURNING id`

	countOwn = `INSERT INTO participants (user_id, room_id, is_explicit, sent_count) VALUES ($1, $2, FALSE, 1)
		ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1`

	appendAtOnce = `WITH room AS (
			UPDATE rooms SET
				last_seq = last_seq + 1,
				last_message_at = CASE WHEN last_message_at >= $15::bigint THEN last_message_at + 1 ELSE $15 END,
				visible_count = visible_count + $16,
				last_visible_at = CASE WHEN $16::bigint = 0 THEN last_visible_at
					WHEN last_message_at >= $15 THEN last_message_at + 1 ELSE $15 END
			WHERE id = $2 AND app_id = $1 AND deleted_at = 0 RETURNING last_seq, last_message_at
		), own AS (
			INSERT INTO participants (user_id, room_id, is_explicit, sent_count)
			SELECT $4::bigint, $2::bigint, FALSE, 1 FROM room WHERE $17::boolean
			ON CONFLICT (user_id, room_id) DO UPDATE SET sent_count = participants.sent_count + 1
		)
		INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
			is_hidden, quote, action, target_user_id, target_xc_id, target_name, seq, created_at, updated_at)
		SELECT $1::bigint, $2::bigint, $3::text, $4::bigint, $5::bigint, $6::text, $7::text, $8::text,
			$9::boolean, $10::text, $11::text, $12::bigint, $13::text, $14::text, last_seq, last_message_at, last_message_at
		FROM room RETURNING id, seq, created_at`
)

// MessageByLocalID finds a message by the id that its sender chose. found is false when
// there is none in the App.
func (tx *Tx) MessageByLocalID(ctx context.Context, app chat.AppID, localID string) (m chat.Message, found bool, err error) {
	m, err = scanMessage(tx.row(ctx, messageSelect+`FROM messages m WHERE m.app_id = $1 AND m.local_id = $2`, app, localID))
	if noRows(err) {
		return m, false, nil
	}
	return m, err == nil, err
}

const messageSelect = `SELECT m.id, m.app_id, m.room_id, m.seq, m.local_id, m.sender_id, m.type, m.body, m.data, m.filter_id,
	m.is_hidden, m.quote, m.action, m.target_user_id, m.target_xc_id, m.target_name,
	m.created_at, m.updated_at, m.deleted_at `

func scanMessage(r scanner) (m chat.Message, err error) {
	var quote string
	err = r.Scan(&m.ID, &m.App, &m.Room, &m.Seq, &m.LocalID, &m.Sender, &m.Type, &m.Body, &m.Data, &m.FilterID,
		&m.Hidden, &quote, (*string)(&m.Action), &m.Target.User, &m.Target.XCID, &m.Target.Name,
		&m.CreatedAt, &m.UpdatedAt, &m.DeletedAt)
	if err == nil && quote != "" {
		err = json.Unmarshal([]byte(quote), (*storedQuote)(&m.Quote))
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
}

func quoteText(q chat.Quote) (string, error) {
	if q == (chat.Quote{}) {
		return "", nil
	}
	b, err := json.Marshal(storedQuote(q))
	return string(b), err
}
