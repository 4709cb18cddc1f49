package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// receiptSet is the messages of a room that have a receipt of one kind, in a write that adds
// to them. Messages of reader do not count, nor do hidden ones; reader 0 is nobody.
type receiptSet struct {
	tx     *Tx
	room   chat.RoomID
	reader chat.UserID
	kind   chat.ReceiptKind
	at     int64 // Unix ms, of the change
	number int64 // of the change
	spans  chat.Spans
}

// column is where participants and room_receipts keep such a set.
func (s *receiptSet) column() string {
	return [...]string{chat.Delivered: "delivered_spans", chat.Read: "read_spans"}[s.kind]
}

// hold reads the reader's packed set, and whether their unread flag is set on the room, and keeps others from changing
// either. Who has not read as far as messages are gone from the room counts as having read those.
func (s *receiptSet) hold(ctx context.Context) (packed []byte, flagged bool, err error) {
	var upTo, expired int64
	err = s.tx.conn.Row(ctx, `SELECT p.`+s.column()+`, p.marked_unread, p.read_upto, r.expired_upto
		FROM participants p JOIN rooms r ON r.id = p.room_id WHERE p.user_id = $1 AND p.room_id = $2`+
		s.tx.store.eng.ForUpdate("p"), s.reader, s.room).Scan(&packed, &flagged, &upTo, &expired)
	if err != nil || s.kind != chat.Read || upTo >= expired {
		return packed, flagged, err
	}
	packed = chat.Spans(nil).FillUpTo(expired, true).Encode() // nothing behind it is read
	_, err = s.tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = FALSE,
			read_count = (SELECT r.expired_count FROM rooms r WHERE r.id = $4) - sent_expired
		WHERE user_id = $3 AND room_id = $4`, packed, expired, s.reader, s.room)
	return packed, flagged, err
}

// add adds times to the packed set and returns those that were not in it. It asks for all
// that it has to know of the room in one statement.
func (s *receiptSet) add(ctx context.Context, packed []byte, times []int64) (added []int64, err error) {
	if s.spans, err = chat.DecodeSpans(packed); err != nil {
		return nil, fmt.Errorf("room %d: %w", s.room, err)
	}
	if added = s.spans.Missing(times); len(added) == 0 {
		return nil, nil
	}
	holes, err := s.holes(ctx, s.spans.Spaces(added))
	if err != nil {
		return nil, err
	}
	s.spans = s.spans.Add(added, holes, s.at, s.number)
	return added, nil
}

// holes returns those of gaps, by where they begin, in which a message lies that counts.
// It looks for the first such message of each, however many there are.
func (s *receiptSet) holes(ctx context.Context, gaps [][2]int64) (map[int64]bool, error) {
	holes := make(map[int64]bool, len(gaps))
	err := engine.Each(ctx, s.tx.conn, func(r engine.Row) error {
		var from int64
		var hole bool
		err := r.Scan(&from, &hole)
		holes[from] = hole
		return err
	}, `SELECT x.a, (SELECT m.id FROM messages m WHERE m.room_id = $2 AND m.created_at > x.a AND m.created_at < x.b
			AND m.sender_id <> $3 AND NOT m.is_hidden ORDER BY m.created_at LIMIT 1) IS NOT NULL
		FROM `+s.tx.store.eng.RowsOf("$1", 2)+` x`, engine.JSON(gaps), s.room, s.reader)
	return holes, err
}

// saveDelivered stores what has reached the reader in the room.
func (s *receiptSet) saveDelivered(ctx context.Context) error {
	_, err := s.tx.conn.Exec(ctx, `UPDATE participants SET delivered_spans = $1, marked_at = $4
		WHERE user_id = $2 AND room_id = $3`, s.spans.FillHoles(s.at, s.number).Encode(), s.reader, s.room, s.at)
	return err
}

// saveRead stores what the reader has read in the room: so many messages more than before.
func (s *receiptSet) saveRead(ctx context.Context, more int) error {
	upTo := s.spans.UpTo()
	_, err := s.tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2, has_gaps = $3,
			read_count = read_count + $4, marked_unread = FALSE, marked_at = $7 WHERE user_id = $5 AND room_id = $6`,
		s.spans.Encode(), upTo, s.spans[len(s.spans)-1].To > upTo, more, s.reader, s.room, s.at)
	return err
}
