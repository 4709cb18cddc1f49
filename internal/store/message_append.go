package store

import (
	"context"
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
