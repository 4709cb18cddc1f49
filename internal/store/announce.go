package store

import (
	"context"
	"time"

	"parlor/internal/chat"
)

// Announce has e told to sessions once the transaction is committed. A message that is
// appended announces itself.
func (tx *Tx) Announce(ctx context.Context, e chat.Event) error {
	tx.events = append(tx.events, e)
	if !tx.store.keep {
		return nil
	}
	payload, err := e.Encode()
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO announcements (created_at, payload) VALUES ($1, $2)`, tx.store.nowMS(), payload)
	return err
}

// Announcements lists up to limit events, with ids above after, that were written down
// at since or later, in the order of their ids, and returns the last one's id.
func (s *Store) Announcements(ctx context.Context, since time.Time, after int64, limit int) (list []chat.Event, last int64, err error) {
	last = after
	err = each(ctx, s.eng, func(r scanner) error {
		var payload []byte
		if err := r.Scan(&last, &payload); err != nil {
			return err
		}
		e, err := chat.DecodeEvent(payload)
		list = append(list, e)
		return err
	}, `SELECT id, payload FROM announcements WHERE created_at >= $1 AND id > $2 ORDER BY id LIMIT $3`, since.UnixMilli(), after, limit)
	return list, last, s.explain(err)
}

// prunedAtOnce bounds the events that one write forgets.
const prunedAtOnce = 500

// PruneAnnouncements forgets some events that were written down before a time; more says
// that there may be others.
func (s *Store) PruneAnnouncements(ctx context.Context, before time.Time) (more bool, err error) {
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.exec(ctx, `DELETE FROM announcements WHERE id IN (SELECT id FROM announcements
			WHERE created_at < $1 ORDER BY created_at LIMIT $2)`, before.UnixMilli(), prunedAtOnce)
		more = n == prunedAtOnce
		return err
	})
	return more, err
}
