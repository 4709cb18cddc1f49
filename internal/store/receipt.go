package store

import (
	"context"

	"parlor/internal/chat"
)

// Receipts is what a viewer's receipts in one room are made of: their own, and what
// anybody has received or read of others' messages.
type Receipts struct {
	Read, Delivered       chat.Spans // of the viewer
	AnyRead, AnyDelivered chat.Spans
	Hides                 bool  // the viewer has deleted messages of the room for himself
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

func readReceipts(ctx context.Context, c conn, room chat.RoomID, user chat.UserID) (r Receipts, err error) {
	var packed [4][]byte
	var hides int64
	err = c.row(ctx, receiptsQuery, room, user).Scan(&packed[0], &packed[1], &packed[2], &packed[3], &hides, &r.ClearedAt, &r.MarkedUnread)
	r.Hides = hides > 0
	for i, to := range []*chat.Spans{&r.Read, &r.Delivered, &r.AnyRead, &r.AnyDelivered} {
		if err == nil {
			*to, err = chat.DecodeSpans(packed[i])
		}
	}
	return r, err
}

// askedAtOnce bounds the users of one query.
const askedAtOnce = 5000

// ReceiptsAmong finds what each of users has marked of the message: read, delivered and
// gone hold those for whom that is so; it is gone for who has deleted it for himself, or cleared
// the room since.
func (s *Store) ReceiptsAmong(ctx context.Context, m chat.Message, users []chat.UserID) (read, delivered, gone map[chat.UserID]bool, err error) {
	read, delivered, gone = map[chat.UserID]bool{}, map[chat.UserID]bool{}, map[chat.UserID]bool{}
	for len(users) > 0 {
		n := min(len(users), askedAtOnce)
		err := each(ctx, s.eng, func(r scanner) error {
			var id chat.UserID
			var upTo int64
			var packed [2][]byte
			var hidden bool
			if err := r.Scan(&id, &upTo, &packed[0], &packed[1], &hidden); err != nil {
				return err
			}
			gone[id] = hidden
			var spans [2]chat.Spans
			for i := range spans {
				var err error
				if spans[i], err = chat.DecodeSpans(packed[i]); err != nil {
					return err
				}
			}
			read[id] = !m.Hidden && (upTo >= m.CreatedAt || spans[0].Has(m.CreatedAt))
			delivered[id] = read[id] || !m.Hidden && spans[1].Has(m.CreatedAt)
			return nil
		}, `SELECT p.user_id, p.read_upto, p.read_spans, p.delivered_spans, p.cleared_at >= $3
				OR p.hides > 0 AND EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = p.user_id AND h.room_id = $1 AND h.created_at = $3)
			FROM participants p WHERE p.room_id = $1 AND `+s.eng.idInList("p.user_id", "$2"),
			m.Room, s.eng.idListArg(idsOf(users[:n])), m.CreatedAt)
		if err != nil {
			return nil, nil, nil, s.explain(err)
		}
		users = users[n:]
	}
	return read, delivered, gone, nil
}
