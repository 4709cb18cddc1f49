package store

import (
	"context"

	"parlor/internal/chat"
)

// Marked is what MarkMessages has changed: the times of messages, in ascending order.
type Marked struct {
	New   []int64 // those that the reader had not marked before
	First []int64 // those of them that nobody had
	// Unmarked says that the room was marked as unread by hand, and is no more.
	Unmarked bool
	// Crowded says that the reader's set now has more holes than it should: FillHoles is
	// to be called when this is committed.
	Crowded bool
}

// MaxMarked is how many messages one write should mark, so that it holds the writer for
// some milliseconds at most, whatever lies between them.
const MaxMarked = 250

// MarkMessages notes that messages have reached reader, or that they have read them. times
// are those of messages of others in the room that are not hidden, in ascending order
// and each once.
//
// What it counts stays true whatever is sent meanwhile: a room's row is locked from taking
// a message's time to its commit, and times rise. So what lies before a message that can
// be seen is all there already, and nothing is ever put between two messages.
func (tx *Tx) MarkMessages(
	ctx context.Context, room chat.RoomID, reader chat.UserID, kind chat.ReceiptKind, times []int64,
) (done Marked, err error) {
	at, number, err := tx.roomChange(ctx, room)
	if err != nil {
		return done, err
	}
	if _, err := tx.conn.Exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit) VALUES ($1, $2, FALSE)
		ON CONFLICT (user_id, room_id) DO NOTHING`, reader, room); err != nil {
		return done, err
	}
	column := [...]string{chat.Delivered: "delivered_spans", chat.Read: "read_spans"}[kind]
	var packed []byte
	var unread bool
	err = tx.conn.Row(ctx, `SELECT p.`+column+`, p.marked_unread FROM participants p WHERE p.user_id = $1 AND p.room_id = $2`+
		tx.store.eng.ForUpdate("p"), reader, room).Scan(&packed, &unread)
	if err != nil {
		return done, err
	}
	own := marker{tx: tx, room: room, reader: reader, at: at, number: number}
	if done.New, err = own.mark(ctx, packed, times); err != nil || len(done.New) == 0 {
		return done, err
	}
	if kind == chat.Delivered {
		own.fillHoles()
		_, err = tx.conn.Exec(ctx, `UPDATE participants SET delivered_spans = $1, marked_at = $4 WHERE user_id = $2 AND room_id = $3`,
			own.spans.Encode(), reader, room, at)
	} else {
		done.Unmarked, done.Crowded = unread, own.spans.Crowded()
		err = tx.setRead(ctx, room, reader, own.spans, len(done.New), at)
	}
	if err != nil {
		return done, err
	}
	done.First, err = tx.markForAll(ctx, room, column, done.New, at, number)
	return done, err
}

// setRead stores what reader has read in a room: more messages than before.
func (tx *Tx) setRead(
	ctx context.Context, room chat.RoomID, reader chat.UserID, spans chat.Spans, more int, at int64,
) error {
	upTo := spans.UpTo()
	_, err := tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = $3,
			read_count = read_count + $4, marked_unread = FALSE, marked_at = $7 WHERE user_id = $5 AND room_id = $6`,
		spans.Encode(), upTo, spans[len(spans)-1].To > upTo, more, reader, room, at)
	return err
}

// markForAll adds to what anybody in the room has marked and returns what is new there.
func (tx *Tx) markForAll(
	ctx context.Context, room chat.RoomID, column string, times []int64, at, number int64,
) ([]int64, error) {
	if _, err := tx.conn.Exec(ctx, `INSERT INTO room_receipts (room_id) VALUES ($1) ON CONFLICT (room_id) DO NOTHING`, room); err != nil {
		return nil, err
	}
	var packed []byte
	err := tx.conn.Row(ctx, `SELECT a.`+column+` FROM room_receipts a WHERE a.room_id = $1`+tx.store.eng.ForUpdate("a"), room).Scan(&packed)
	if err != nil {
		return nil, err
	}
	all := marker{tx: tx, room: room, at: at, number: number}
	first, err := all.mark(ctx, packed, times)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	all.fillHoles()
	_, err = tx.conn.Exec(ctx, `UPDATE room_receipts SET `+column+` = $1, changed_at = $3 WHERE room_id = $2`, all.spans.Encode(), room, at)
	touch(tx, roomMarks{room})
	return first, err
}
