package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Receipts is what a viewer's receipts in one room are made of: their own, and what
// anybody has received or read of others' messages.
type Receipts struct {
	Read, Delivered       chat.Spans // of the viewer
	AnyRead, AnyDelivered chat.Spans
	Hides                 bool  // the viewer has deleted messages of the room for themselves
	ClearedAt             int64 // Unix ms: up to when the viewer has cleared the room
	MarkedUnread          bool  // by the viewer, by hand
}

// Receipts reads what user sees of receipts in a room.
func (s *Store) Receipts(ctx context.Context, room chat.RoomID, user chat.UserID) (Receipts, error) {
	r, err := readReceipts(ctx, s.eng, room, user)
	return r, s.explain(err)
}

const receiptsQuery = `SELECT p.read_spans, p.delivered_spans, a.read_spans, a.delivered_spans,
		COALESCE(p.hides, 0), COALESCE(p.cleared_at, 0), COALESCE(p.marked_unread, FALSE)
	FROM rooms r LEFT JOIN participants p ON p.room_id = r.id AND p.user_id = $2
	LEFT JOIN room_receipts a ON a.room_id = r.id WHERE r.id = $1`

func readReceipts(ctx context.Context, c engine.Conn, room chat.RoomID, user chat.UserID) (r Receipts, err error) {
	var packed [4][]byte
	var hides int64
	err = c.Row(ctx, receiptsQuery, room, user).Scan(&packed[0], &packed[1], &packed[2], &packed[3], &hides, &r.ClearedAt, &r.MarkedUnread)
	r.Hides = hides > 0
	for i, to := range []*chat.Spans{&r.Read, &r.Delivered, &r.AnyRead, &r.AnyDelivered} {
		if err == nil {
			*to, err = chat.DecodeSpans(packed[i])
		}
	}
	return r, err
}
