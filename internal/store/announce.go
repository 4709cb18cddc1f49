package store

import (
	"context"
	"time"

	"parlor/internal/chat"
)

// Announce has e told to sessions once the transaction is committed. A message that is
// appended announces itself.
func (tx *Tx) Announce(ctx context.Context, e chat.Event) error {
	e.Number = tx.number
	tx.events = append(tx.events, e)
	if !tx.store.keep {
		return nil
	}
	payload, err := e.Encode()
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO announcements (created_at, payload, number) VALUES ($1, $2, $3)`, tx.store.nowMS(), payload, e.Number)
	return err
}

// Announced is a place among the events that were written down.
type Announced struct{ Number, ID int64 }

// Announcements lists up to limit events behind a place, in the order of their change
// numbers, and returns the last one's place.
func (s *Store) Announcements(ctx context.Context, after Announced, limit int) (list []chat.Event, last Announced, err error) {
	last = after
	err = each(ctx, s.eng, func(r scanner) error {
		var payload []byte
		if err := r.Scan(&last.Number, &last.ID, &payload); err != nil {
			return err
		}
		e, err := chat.DecodeEvent(payload)
		list = append(list, e)
		return err
	}, `SELECT number, id, payload FROM announcements WHERE (number, id) > ($1, $2) ORDER BY number, id LIMIT $3`, after.Number, after.ID, limit)
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
