package store

import (
	"context"
	"errors"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// NewRoom is a room to be made with the people in it and its first message.
type NewRoom struct {
	chat.Room // what the store gives to a room it does not look at: ID and the times

	People []chat.UserID // put in by name, in this order, each once
	// Notice is the first message. Its sender is the App, or one of People.
	Notice NewMessage
}

// ErrRoomThere says that a room was not made because one with its XCID is there, deleted or
// not.
var ErrRoomThere = chat.Errorf(chat.CodeConflict, "There is a room with this xcRoomID already")

// OpensAtOnce says that OpenRoom can be used: the engine makes rooms in one statement.
func (s *Store) OpensAtOnce() bool { return s.eng.WritesInWith() }

// KnowsRoom reports whether a room with the customer's id is known to be there, deleted or
// not. What is not known may be there as well.
func (s *Store) KnowsRoom(app chat.AppID, xc string) bool {
	_, ok := s.cache.roomIDs.get(xcKey{app, xc})
	return ok
}

// KnowRoom notes for KnowsRoom that a room is there. It must have been read or written in a
// transaction that is committed.
func (s *Store) KnowRoom(r chat.Room) {
	if r.XCID != "" {
		s.cache.roomIDs.put(xcKey{r.App, r.XCID}, r.ID, s.cache.ticket()) // a room's ids never change
	}
}

// OpenRoom makes a room, all of it or nothing, and returns it. It is Write with CreateRoom,
// AddParticipants and AppendMessage, in one statement, which goes to the database together
// with those of other such writes. See OpensAtOnce.
func (s *Store) OpenRoom(ctx context.Context, shard int64, n NewRoom) (chat.Room, error) {
	w := &write{opens: &n, once: claimOnce(ctx), tx: Tx{store: s}}
	if err := s.do(ctx, shard, w); err != nil {
		if w.once != nil {
			CallOf(ctx).once.Store(false) // another write may do it
		}
		return chat.Room{}, err
	}
	s.KnowRoom(w.opened)
	return w.opened, nil
}

// open makes the room of w alone.
func (w *write) open(ctx context.Context) error {
	if w.once == nil {
		return w.openAlone(ctx)
	}
	return w.tx.once(ctx, w.once, func(ctx context.Context, _ *Tx) error { return w.openAlone(ctx) }, []any{&w.opened})
}

func (w *write) openAlone(ctx context.Context) error {
	st, err := w.opening(w.tx.store.nowMS(), w.tx.base)
	if err != nil {
		return err
	}
	return st.Scan(w.tx.conn.Row(ctx, st.Query, st.Args...))
}

// opening is the statement that makes the room of w. Its Scan returns ErrRoomThere where
// nothing was made.
func (w *write) opening(now, base int64) (engine.Statement, error) {
	s, room := w.tx.store, w.opens.Room
	notice := w.opens.Notice
	notice.App = room.App
	row, err := s.newMessageRow(notice, now)
	if err != nil {
		return engine.Statement{}, err
	}
	room.CreatedAt, room.UpdatedAt = now, now
	args := append(row.values[:1:1], row.values[2:]...) // it has no room yet
	args = append(args, now, row.visible, row.counts, base, room.XCID, room.Type, room.Name, room.Photo.Thumbnail,
		room.Photo.Fullsize, room.Color, engine.JSON(room.Tags), s.eng.IDListArg(idsOf(w.opens.People)), len(w.opens.People), row.hash[:])
	args = append(args, w.auditArgs(now)...)
	if s.feed {
		people, err := encodeFeedData(chat.FeedData{Users: w.opens.People})
		if err != nil {
			return engine.Statement{}, err
		}
		args = append(args, people)
	}
	scan := func(r engine.Row) error {
		a := newAppended(notice)
		err := r.Scan(&room.ID, &a.message.ID, &a.message.Number)
		if engine.NoRows(err) {
			return ErrRoomThere
		}
		if err != nil {
			return fmt.Errorf("open a room: %w", err)
		}
		a.message.Room, a.message.Seq, a.message.CreatedAt = room.ID, 1, now
		a.event.RoomUpdatedAt = now
		if len(w.opens.People) > 0 {
			a.event.PeopleVersion = 1
		}
		touch(&w.tx, roomPeople{room.ID})
		w.opened, w.tx.number = room, a.message.Number
		w.tx.events = append(w.tx.events, a.announce())
		w.tx.recorded(room.App)
		return nil
	}
	return engine.Statement{Query: s.statements.open, Args: args, Scan: scan}, nil
}

// openingTogether is opening for a pipeline: a room that is there is its own write's failure.
func (w *write) openingTogether(now, base int64, failed *error) (engine.Statement, error) {
	st, err := w.opening(now, base)
	scan := st.Scan
	st.Scan = func(r engine.Row) error {
		err := scan(r)
		if errors.Is(err, ErrRoomThere) {
			*failed, err = err, nil
		}
		return err
	}
	return st, err
}

// openStatement leaves the rows that CreateRoom, AddParticipants and AppendMessage leave one
// after the other.
func openStatement(eng engine.Engine, o Options) string {
	more := ""
	if o.Feed {
		more = ", " + feedOfOpening
	}
	return `WITH room AS (
			INSERT INTO rooms (app_id, xc_room_id, type, name, photo_thumbnail, photo_fullsize, color, tags,
				created_at, updated_at, last_message_at, changed_at, changed, last_seq, visible_count, last_visible_at,
				active_hour, join_count, people_version)
			VALUES ($1, $20, $21, $22, $23, $24, $25, $26, $16::bigint, $16, $16, $16, ` + eng.Number("$19") + `, 1, $17::bigint,
				CASE WHEN $17 = 0 THEN 0 ELSE $16 END, $16 / 3600000, $28::bigint, CASE WHEN $28 = 0 THEN 0 ELSE 1 END)
			ON CONFLICT (app_id, xc_room_id) WHERE xc_room_id <> '' DO NOTHING
			RETURNING id, changed
		), people AS (
			INSERT INTO participants (user_id, room_id, is_explicit, joined, sent_count)
			SELECT x.value, room.id, TRUE, x.place, CASE WHEN $18::boolean AND x.value = $3 THEN 1 ELSE 0 END
			FROM room, ` + eng.Ordered("$27") + ` x
		), message AS (
			INSERT INTO messages (app_id, room_id, local_id, sender_id, type, body, data, filter_id,
				is_hidden, quote, action, target_user_id, target_xc_id, target_name, reply_to, forward_from,
				seq, created_at, updated_at, added)
			SELECT $1::bigint, room.id, $2::text, $3::bigint, $4::bigint, $5::text, $6::text, $7::text,
				$8::boolean, $9::text, $10::text, $11::bigint, $12::text, $13::text, $14::text, $15::text,
				1, $16::bigint, $16::bigint, changed
			FROM room RETURNING id
		), ` + enterWith("$29") + `, noted AS (
			INSERT INTO audit (` + auditColumns + `)
			SELECT $1::bigint, $16::bigint, $31::text, $32::text, $33::text, $34::text, $35::text, $36::text, $37::bigint,
				$38::text, $39::text, $40::text
			FROM room WHERE $30::boolean
		)` + more + `
		SELECT room.id, message.id, changed FROM room, message`
}
