package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// ReceiptsOf is Receipts for several rooms at once.
func (s *Store) ReceiptsOf(
	ctx context.Context, rooms []chat.RoomID, user chat.UserID,
) (map[chat.RoomID]Receipts, error) {
	all := make(map[chat.RoomID]Receipts, len(rooms))
	if len(rooms) == 1 {
		r, err := s.Receipts(ctx, rooms[0], user)
		all[rooms[0]] = r
		return all, err
	}
	err := engine.Each(ctx, s.eng, func(row engine.Row) error {
		var id chat.RoomID
		var r Receipts
		var hides int64
		var packed [4][]byte
		err := row.Scan(&id, &packed[0], &packed[1], &packed[2], &packed[3], &hides, &r.ClearedAt, &r.MarkedUnread)
		r.Hides = hides > 0
		for i, to := range []*chat.Spans{&r.Read, &r.Delivered, &r.AnyRead, &r.AnyDelivered} {
			if err == nil {
				*to, err = chat.DecodeSpans(packed[i])
			}
		}
		all[id] = r
		return err
	}, `SELECT r.id, p.read_spans, p.delivered_spans, a.read_spans, a.delivered_spans,
			COALESCE(p.hides, 0), COALESCE(p.cleared_at, 0), COALESCE(p.marked_unread, FALSE)
		FROM rooms r LEFT JOIN participants p ON p.room_id = r.id AND p.user_id = $2
		LEFT JOIN room_receipts a ON a.room_id = r.id WHERE `+s.eng.IDInList("r.id", "$1"), s.eng.IDListArg(idsOf(rooms)), user)
	return all, s.explain(err)
}
