package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ReceiptsOfViewers reads what each of users sees of the receipts of a message.
func (s *Store) ReceiptsOfViewers(
	ctx context.Context, key MessageKey, users []chat.UserID,
) (map[chat.UserID]chat.ViewerReceipts, error) {
	all := make(map[chat.UserID]chat.ViewerReceipts, len(users))
	var read, delivered []byte
	err := s.eng.Row(ctx, `SELECT a.read_spans, a.delivered_spans FROM room_receipts a WHERE a.room_id = $1`,
		key.Room).Scan(&read, &delivered)
	if err != nil && !engine.NoRows(err) {
		return nil, s.explain(err)
	}
	var common chat.Receipts
	if common.AnyRead, common.AnyDelivered, err = decodeReceipts(read, delivered); err != nil {
		return nil, err
	}
	for _, id := range users {
		all[id] = chat.ViewerReceipts{Receipts: common} // who is in by role may have no row
	}
	for part := range slices.Chunk(users, askedAtOnce) {
		err := engine.Each(ctx, s.eng, func(r engine.Row) error {
			var id chat.UserID
			var read, delivered []byte
			v := chat.ViewerReceipts{Receipts: common}
			err := r.Scan(&id, &read, &delivered, &v.Gone)
			if err != nil {
				return err
			}
			v.Read, v.Delivered, err = decodeReceipts(read, delivered)
			all[id] = v
			return err
		}, `SELECT p.user_id, p.read_spans, p.delivered_spans, p.cleared_at >= $3
				OR p.hides > 0 AND EXISTS (SELECT 1 FROM hidden_messages h
					WHERE h.user_id = p.user_id AND h.room_id = $1 AND h.created_at = $3)
			FROM participants p WHERE p.room_id = $1 AND `+s.eng.IDInList("p.user_id", "$2"),
			key.Room, s.eng.IDListArg(idsOf(part)), key.CreatedAt)
		if err != nil {
			return nil, s.explain(err)
		}
	}
	return all, nil
}

// askedAtOnce bounds the users of one query.
const askedAtOnce = 5000
