package store

import (
	"context"

	"parlor/internal/chat"
)

// Readers lists who has received or read the message of this room, up to limit people,
// with the times. Its sender is not among them.
func (s *Store) Readers(ctx context.Context, m chat.Message, limit int) (list []chat.Recipient, ids []chat.UserID, err error) {
	err = each(ctx, s.eng, func(r scanner) error {
		var id chat.UserID
		var packedRead, packedDelivered []byte
		if err := r.Scan(&id, &packedRead, &packedDelivered); err != nil {
			return err
		}
		read, err := chat.DecodeSpans(packedRead)
		if err != nil {
			return err
		}
		delivered, err := chat.DecodeSpans(packedDelivered)
		if err != nil {
			return err
		}
		rec := chat.Recipient{ReadAt: read.At(m.CreatedAt), DeliveredAt: delivered.At(m.CreatedAt)}
		if rec.DeliveredAt == 0 {
			rec.DeliveredAt = rec.ReadAt // what was read has arrived
		}
		if rec.DeliveredAt > 0 && len(list) < limit {
			list, ids = append(list, rec), append(ids, id)
		}
		return nil
	}, `SELECT p.user_id, p.read_spans, p.delivered_spans FROM participants p
		WHERE p.room_id = $1 AND p.user_id <> $2 ORDER BY p.user_id`, m.Room, m.Sender)
	return list, ids, s.explain(err)
}
