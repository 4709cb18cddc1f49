package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const receiptColumns = `p.read_spans, p.delivered_spans, a.read_spans, a.delivered_spans,
		COALESCE(p.hides, 0), COALESCE(p.cleared_at, 0), COALESCE(p.marked_unread, FALSE)
	FROM rooms r LEFT JOIN participants p ON p.room_id = r.id AND p.user_id = $2
	LEFT JOIN room_receipts a ON a.room_id = r.id`

// scanReceipts reads receiptColumns, and what a query has before them.
func scanReceipts(row engine.Row, before ...any) (r chat.Receipts, err error) {
	var read, delivered, anyRead, anyDelivered []byte
	var hides int64
	err = row.Scan(append(before, &read, &delivered, &anyRead, &anyDelivered, &hides, &r.ClearedAt, &r.UnreadFlag)...)
	if err != nil {
		return r, err
	}
	r.Hides = hides > 0
	if r.Read, r.Delivered, err = decodeReceipts(read, delivered); err != nil {
		return r, err
	}
	r.AnyRead, r.AnyDelivered, err = decodeReceipts(anyRead, anyDelivered)
	return r, err
}

// decodeReceipts reads what was read and what was delivered from the columns' form.
func decodeReceipts(packedRead, packedDelivered []byte) (read, delivered chat.Spans, err error) {
	if read, err = chat.DecodeSpans(packedRead); err != nil {
		return nil, nil, err
	}
	delivered, err = chat.DecodeSpans(packedDelivered)
	return read, delivered, err
}

// Receipts reads what user sees of receipts in a room.
func (s *Store) Receipts(ctx context.Context, room chat.RoomID, user chat.UserID) (chat.Receipts, error) {
	r, err := scanReceipts(s.eng.Row(ctx, `SELECT `+receiptColumns+` WHERE r.id = $1`, room, user))
	return r, s.explain(err)
}

// ReceiptsOf is Receipts for several rooms at once.
func (s *Store) ReceiptsOf(
	ctx context.Context, rooms []chat.RoomID, user chat.UserID,
) (map[chat.RoomID]chat.Receipts, error) {
	all := make(map[chat.RoomID]chat.Receipts, len(rooms))
	if len(rooms) == 1 {
		r, err := s.Receipts(ctx, rooms[0], user)
		all[rooms[0]] = r
		return all, err
	}
	err := engine.Each(ctx, s.eng, func(row engine.Row) error {
		var id chat.RoomID
		r, err := scanReceipts(row, &id)
		all[id] = r
		return err
	}, `SELECT r.id, `+receiptColumns+` WHERE `+s.eng.IDInList("r.id", "$1"), s.eng.IDListArg(idsOf(rooms)), user)
	return all, s.explain(err)
}
