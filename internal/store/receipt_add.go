package store

import (
	"context"

	"parlor/internal/chat"
)

// AddedReceipts is what AddReceipts has changed: the times of messages, in ascending order.
type AddedReceipts struct {
	New   []int64 // those that had none of the reader before
	First []int64 // those of them that had none of anybody
	// Unflagged says that the reader's unread flag was set on the room, and is no more.
	Unflagged bool
	// Crowded says that the reader's set now has more holes than it should: FillHoles is
	// to be called when this is committed.
	Crowded bool
}

// MaxReceipts is how many receipts one write should add, so that it holds the writer for
// some milliseconds at most, whatever lies between the messages.
const MaxReceipts = 250

// AddReceipts notes that messages have reached reader, or that they have read them. times
// are those of messages of others in the room that are not hidden, in ascending order
// and each once.
//
// What it counts stays true whatever is sent meanwhile: a room's row is locked from taking
// a message's time to its commit, and times rise. So what lies before a message that can
// be seen is all there already, and nothing is ever put between two messages.
func (tx *Tx) AddReceipts(
	ctx context.Context, room chat.RoomID, reader chat.UserID, kind chat.ReceiptKind, times []int64,
) (done AddedReceipts, err error) {
	own := receiptSet{tx: tx, room: room, reader: reader, kind: kind}
	if own.at, own.number, err = tx.roomChange(ctx, room); err != nil {
		return done, err
	}
	if _, err := tx.conn.Exec(ctx, `INSERT INTO participants (user_id, room_id, is_explicit) VALUES ($1, $2, FALSE)
		ON CONFLICT (user_id, room_id) DO NOTHING`, reader, room); err != nil {
		return done, err
	}
	packed, unread, err := own.hold(ctx)
	if err != nil {
		return done, err
	}
	if done.New, err = own.add(ctx, packed, times); err != nil || len(done.New) == 0 {
		return done, err
	}
	if kind == chat.Delivered {
		err = own.saveDelivered(ctx)
	} else {
		done.Unflagged, done.Crowded = unread, own.spans.Crowded()
		err = own.saveRead(ctx, len(done.New))
	}
	if err != nil {
		return done, err
	}
	done.First, err = own.addForAnybody(ctx, done.New)
	return done, err
}

// addForAnybody adds to what anybody in the room has received, or read, and returns what is
// new there.
func (s *receiptSet) addForAnybody(ctx context.Context, times []int64) ([]int64, error) {
	conn, column := s.tx.conn, s.column()
	if _, err := conn.Exec(ctx, `INSERT INTO room_receipts (room_id) VALUES ($1) ON CONFLICT (room_id) DO NOTHING`,
		s.room); err != nil {
		return nil, err
	}
	var packed []byte
	err := conn.Row(ctx, `SELECT a.`+column+` FROM room_receipts a WHERE a.room_id = $1`+s.tx.store.eng.ForUpdate("a"),
		s.room).Scan(&packed)
	if err != nil {
		return nil, err
	}
	all := *s
	all.reader = 0
	first, err := all.add(ctx, packed, times)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	_, err = conn.Exec(ctx, `UPDATE room_receipts SET `+column+` = $1, changed_at = $3 WHERE room_id = $2`,
		all.spans.FillHoles(s.at, s.number).Encode(), s.room, s.at)
	touch(s.tx, roomReceipts{s.room})
	return first, err
}
