package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// readersAtOnce bounds the participants that one query of Readers or ReadCount looks at.
const readersAtOnce = 2000

// Readers lists who has received or read a message, up to limit people by their ids, with
// the times. Its sender is not among them. Nobody receives or reads a hidden message, nor one
// that is withheld.
func (s *Store) Readers(
	ctx context.Context, m chat.Message, limit int,
) (list []chat.Recipient, ids []chat.UserID, err error) {
	if m.Hidden || m.Withheld {
		return nil, nil, nil
	}
	for last := chat.UserID(0); len(list) < limit; {
		seen := 0
		err := s.heavily(ctx, func() error {
			return engine.Each(ctx, s.eng, func(r engine.Row) error {
				seen++
				var read, delivered []byte
				if err := r.Scan(&last, &read, &delivered); err != nil {
					return err
				}
				var rec chat.Recipient
				var err error
				if rec.ReadAt, err = chat.PackedAt(read, m.CreatedAt); err != nil {
					return err
				}
				if rec.DeliveredAt, err = chat.PackedAt(delivered, m.CreatedAt); err != nil {
					return err
				}
				if rec.DeliveredAt == 0 {
					rec.DeliveredAt = rec.ReadAt // what was read has arrived
				}
				if rec.DeliveredAt > 0 && len(list) < limit {
					list, ids = append(list, rec), append(ids, last)
				}
				return nil
			}, `SELECT p.user_id, p.read_spans, p.delivered_spans FROM participants p
				WHERE p.room_id = $1 AND p.user_id > $2 AND p.user_id <> $3 ORDER BY p.user_id LIMIT $4`,
				m.Room, last, m.Sender, readersAtOnce)
		})
		if err != nil {
			return nil, nil, s.explain(err)
		}
		if seen < readersAtOnce {
			break
		}
	}
	return list, ids, nil
}

// ReadCount counts who has read a message, its sender not among them. What most have read
// lies before the time up to which they have read everything; the sets of the others are
// looked at.
func (s *Store) ReadCount(ctx context.Context, m chat.Message) (count int, err error) {
	if m.Hidden || m.Withheld {
		return 0, nil
	}
	for last := chat.UserID(0); ; {
		seen := 0
		err := s.heavily(ctx, func() error {
			return engine.Each(ctx, s.eng, func(r engine.Row) error {
				seen++
				var all bool
				var packed []byte
				if err := r.Scan(&last, &all, &packed); err != nil {
					return err
				}
				at, err := chat.PackedAt(packed, m.CreatedAt)
				if all || at > 0 {
					count++
				}
				return err
			}, `SELECT p.user_id, p.read_upto >= $3, CASE WHEN p.has_gaps AND p.read_upto < $3 THEN p.read_spans END
				FROM participants p WHERE p.room_id = $1 AND p.user_id > $2 AND p.user_id <> $4 ORDER BY p.user_id LIMIT $5`,
				m.Room, last, m.CreatedAt, m.Sender, readersAtOnce)
		})
		if err != nil || seen < readersAtOnce {
			return count, s.explain(err)
		}
	}
}
