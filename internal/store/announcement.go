package store

import (
	"context"
	"errors"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Announce has e told to sessions once the transaction is committed. A message that is
// appended announces itself.
func (tx *Tx) Announce(ctx context.Context, e chat.Recorded) error {
	e.OfChange().Number = tx.number // 0 for what is no change of a room
	tx.events = append(tx.events, e)
	if !tx.store.keep {
		return nil
	}
	payload, err := chat.EncodeEvent(e)
	if err != nil {
		return err
	}
	// The row always has one: nodes that have missed something read from a number on.
	_, err = tx.conn.Exec(ctx, `INSERT INTO announcements (created_at, payload, number)
		VALUES ($1, $2, CASE WHEN CAST($3 AS BIGINT) > 0 THEN CAST($3 AS BIGINT) ELSE `+tx.store.eng.Number("$4")+` END)`,
		tx.store.nowMS(), payload, tx.number, tx.base)
	return err
}

// Announced is a place among the events that were written down.
type Announced struct{ Number, ID int64 }

// Announcement is an event that was written down, and where.
type Announcement struct {
	Announced
	Event chat.Event
}

// Announcements lists up to limit events behind a place, in the order of their change
// numbers, and returns where the last one stands. more says that there may be others behind
// it. Events of kinds that only newer nodes know are passed by.
func (s *Store) Announcements(
	ctx context.Context, after Announced, limit int,
) (list []Announcement, last Announced, more bool, err error) {
	last = after
	read := 0
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		read++
		var payload []byte
		if err := r.Scan(&last.Number, &last.ID, &payload); err != nil {
			return err
		}
		e, err := chat.DecodeEvent(payload)
		if errors.Is(err, chat.ErrUnknownEvent) {
			return nil // of a newer node, about what this one cannot show
		}
		list = append(list, Announcement{last, e})
		return err
	}, `SELECT number, id, payload FROM announcements WHERE (number, id) > ($1, $2) ORDER BY number, id LIMIT $3`,
		after.Number, after.ID, limit)
	return list, last, read == limit, s.explain(err)
}

// prunedAtOnce bounds the events that one write forgets.
const prunedAtOnce = 500

// PruneAnnouncements forgets some events that were written down before a time; more says
// that there may be others.
func (s *Store) PruneAnnouncements(ctx context.Context, before time.Time) (more bool, err error) {
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM announcements WHERE id IN (SELECT id FROM announcements
			WHERE created_at < $1 ORDER BY created_at LIMIT $2)`, before.UnixMilli(), prunedAtOnce)
		more = n == prunedAtOnce
		return err
	})
	return more, err
}
