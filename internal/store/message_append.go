package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// NewMessage is a message to be appended to its room. What the store gives to a message it
// does not look at here: ID, Seq, the times and the numbers.
type NewMessage struct {
	chat.Message
	FreshID bool // LocalID was made here at random, so nobody else has it
	Guarded bool // it is refused where its sender may not write
	ByApp   bool // its sender is the App, whose own messages nobody counts
	// RoomChanges says that the same write changes the room's row behind the message: who
	// shows the message is to read that row anew.
	RoomChanges bool
	Scheduled   bool // its schedule sends it
	// Named are users whom it names: it is not stored where one of them was erased since that was looked up.
	Named []NamedUser
}

// AppendMessage stores n as the newest message of its room and returns what was stored.
// Raising the room's counters locks the room's row, so numbers have neither gaps nor
// doubles and created_at strictly increases in commit order, whatever the clock does.
// Where the room is deleted, where the localID is taken, and where n is Guarded and its
// sender may not write, nothing happens and the error is ErrNotAppended. Where one of those whom it names was erased
// it is ErrErased.
//
// One's own messages are never unread, so the sender's count of visible messages rises
// with the room's; a hidden message counts nowhere, and the App has no count.
func (tx *Tx) AppendMessage(ctx context.Context, n NewMessage) (chat.Message, error) {
	if err := tx.HoldNamed(ctx, n.Named); err != nil {
		return chat.Message{}, err
	}
	row, err := tx.store.newMessageRow(n, tx.store.nowMS())
	if err != nil {
		return chat.Message{}, err
	}
	known := tx.store.locals.known.Load()
	if taken, err := row.taken(ctx, tx.conn, known); taken || err != nil {
		return chat.Message{}, notAppended(err)
	}
	a := newAppended(n)
	if tx.store.eng.WritesInWith() {
		err = a.scan(tx.conn.Row(ctx, tx.store.statements.appendWith(known), row.atOnce(tx.base, known)...))
	} else {
		err = row.stepwise(ctx, tx, a, known)
	}
	if engine.NoRows(err) {
		return chat.Message{}, ErrNotAppended
	}
	if err == nil && n.Withheld {
		err = tx.withhold(ctx, a.message.ID)
	}
	if err != nil {
		return chat.Message{}, fmt.Errorf("append message: %w", err)
	}
	if n.File != "" {
		a.message.File = ""
		if err := tx.ShareFile(ctx, n.App, n.File, a.message); err != nil {
			return chat.Message{}, fmt.Errorf("share a file: %w", err)
		}
	}
	tx.number = a.message.Number
	tx.events = append(tx.events, a.announce())
	tx.recorded(n.App)
	tx.jobs = append(tx.jobs, row.due()...)
	tx.store.locals.added.Add(1)
	return a.message, nil
}

// notAppended is err, or ErrNotAppended when it is nil.
func notAppended(err error) error {
	if err != nil {
		return fmt.Errorf("look for the localID: %w", err)
	}
	return ErrNotAppended
}

// appended is a message on its way into its room, with the event that tells of it.
type appended struct {
	message     chat.Message
	event       chat.MessageSent
	roomChanges bool
}

func newAppended(n NewMessage) *appended {
	return &appended{message: n.Message, event: chat.MessageSent{Scheduled: n.Scheduled}, roomChanges: n.RoomChanges}
}

// counters is where a room's counters go, as the statements return them.
func (a *appended) counters() []any {
	return []any{
		&a.message.Seq, &a.message.CreatedAt, &a.event.PeopleVersion, &a.event.RoomUpdatedAt, &a.message.Number,
	}
}

// scan takes what appendAtOnce returns.
func (a *appended) scan(r engine.Row) error {
	return r.Scan(&a.message.ID, &a.message.Seq, &a.message.CreatedAt,
		&a.event.PeopleVersion, &a.event.RoomUpdatedAt, &a.message.Number)
}

// announce completes the message, which is stored now, and returns its event.
func (a *appended) announce() chat.Event {
	m := &a.message
	m.UpdatedAt, m.Added = m.CreatedAt, m.Number
	a.event.Number, a.event.Place, a.event.Message = m.Number, chat.Place{App: m.App, Room: m.Room}, m
	if a.roomChanges {
		a.event.RoomUpdatedAt = 0
	}
	return &a.event
}

// ErrNotAppended says that a message was not stored because something in the database
// forbids it. It is CodeNotFound, the only reason for a message that is not guarded; of
// one that is, the service finds out what it was.
var ErrNotAppended = chat.RoomNotFound()

// messageRow is what the statements that append a message take.
type messageRow struct {
	values  []any // of the columns of messages, up to target_name
	hash    localHash
	now     int64
	push    bool // whether jobs notify people of messages,
	notify  bool // and whether of this one
	visible int  // what the message adds to the room's count
	counts  bool // whether it adds to the sender's own
	guarded bool // only if the sender may write
	fresh   bool // its localID cannot be taken
}

func (s *Store) newMessageRow(m NewMessage, now int64) (messageRow, error) {
	quote, err := jsonOrNothing(storedQuote(m.Quote))
	reply, forward := "", ""
	if err == nil {
		reply, err = jsonOrNothing(storedReference(m.ReplyTo))
	}
	if err == nil {
		forward, err = jsonOrNothing(storedReference(m.Forward))
	}
	r := messageRow{
		hash: hashOf(m.App, m.LocalID), now: now, push: s.push, notify: s.push && m.Notifies(),
		visible: 1, counts: !m.Hidden && !m.ByApp, guarded: m.Guarded, fresh: m.FreshID && !m.Guarded,
	}
	r.values = []any{
		m.App, m.Room, m.LocalID, m.Sender, m.Type, string(m.Body), string(m.Data), m.FilterID,
		m.Hidden, quote, string(m.Action), m.Target.User, m.Target.XCID, m.Target.Name,
		reply, forward,
	}
	if m.Hidden {
		r.visible = 0
	}
	return r, err
}

// taken reports whether a sealed generation has the localID already.
func (r *messageRow) taken(ctx context.Context, c engine.Conn, known *knownLocalIDs) (bool, error) {
	if r.fresh {
		return false, nil
	}
	id, err := known.sealedMessage(ctx, c, r.hash)
	return id != 0, err
}

// atOnce are the parameters of appendStatement.
func (r *messageRow) atOnce(base int64, known *knownLocalIDs) []any {
	args := append(r.values, r.now, r.visible, r.counts, r.guarded, base, r.hash[:], known.upTo)
	if r.push {
		args = append(args, r.notify)
	}
	return args
}

// due is the job that notifies people of the message, if there is one.
func (r *messageRow) due() []jobDue {
	if !r.notify {
		return nil
	}
	return []jobDue{{chat.JobPushMessage, r.now + chat.PushDelay}}
}

// stepwise does what appendStatement does, for an engine that cannot.
func (r *messageRow) stepwise(ctx context.Context, tx *Tx, a *appended, known *knownLocalIDs) error {
	m := &a.message
	var err error
	if r.fresh {
		err = tx.conn.Row(ctx, tx.store.statements.raise, r.now, r.visible, m.Room, m.App, tx.base).Scan(a.counters()...)
	} else {
		err = tx.conn.Row(ctx, tx.store.statements.raiseWith(known), r.now, r.visible, m.Room, m.App, tx.base,
			m.LocalID, r.hash[:], known.upTo, m.Sender, r.guarded).Scan(a.counters()...)
	}
	if err != nil {
		return err
	}
	id, err := tx.conn.Insert(ctx, insertMessage, append(r.values, m.Seq, m.CreatedAt, m.Number)...)
	if err != nil {
		return err
	}
	m.ID = chat.MessageID(id)
	if _, err := tx.conn.Exec(ctx, enterLocalID, r.hash[:], m.ID); err != nil {
		return err
	}
	if r.counts {
		if _, err := tx.conn.Exec(ctx, countOwn, m.Sender, m.Room); err != nil {
			return err
		}
	}
	if tx.store.feed {
		_, err = tx.conn.Exec(ctx, tx.store.statements.feed, m.App, m.Number, string(chat.FeedMessageCreated), m.Room,
			m.CreatedAt, m.Sender, r.now, "", tx.base)
		if err != nil {
			return err
		}
	}
	if r.notify {
		_, err = tx.conn.Exec(ctx, insertJob, string(chat.JobPushMessage), m.App, m.ID, "", r.now, r.now+chat.PushDelay)
	}
	return err
}
