package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

var parkedColumns = fmt.Sprintf(feedColumns, "event_id") + `, attempts, first_at, due_at, last_error, dead_at`

func scanParked(r engine.Row, app chat.AppID) (p chat.Parked, err error) {
	p.App = app
	err = scanFeedEvent(r, &p.FeedEvent, &p.Attempts, &p.FirstAt, &p.DueAt, &p.LastError, &p.DeadAt)
	return p, err
}

// SaveWebhook stores how far a leased webhook is, and what it has not taken, all of it or nothing. It
// is ErrLeaseLost where it is no longer the caller's.
func (s *Store) SaveWebhook(ctx context.Context, w chat.Webhook, park []chat.Parked) error {
	return s.Write(ctx, int64(w.ID), func(ctx context.Context, tx *Tx) error {
		now, err := tx.holdWebhook(ctx, w)
		if err != nil {
			return err
		}
		list := make([]engine.Statement, 0, len(park))
		for i := range park {
			p := &park[i]
			data, err := encodeFeedData(p.Data)
			if err != nil {
				return err
			}
			// One that is there already was parked before its place was saved.
			list = append(list, engine.Statement{
				Query: `INSERT INTO webhook_parked (webhook_id, number, event_id, lane, kind, room_id, time, user_id, at, data,
						attempts, first_at, due_at, last_error, dead_at)
					VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, ` + dueUnlessBehind("$13", "$16") + `, $14, $15)
					ON CONFLICT (webhook_id, number, event_id) DO UPDATE SET attempts = webhook_parked.attempts
					RETURNING event_id`,
				Args: []any{
					w.ID, p.Number, p.ID, p.Lane(), string(p.Kind), p.Room, p.Time, p.User, p.At, data,
					p.Attempts, p.FirstAt, p.DueAt, cutError(p.LastError), p.DeadAt, int64(chat.ParkedBehind),
				},
				Scan: func(r engine.Row) error { var id int64; return r.Scan(&id) },
			})
		}
		if err := tx.conn.Pipeline(ctx, list); err != nil {
			return err
		}
		for lane := range lanesOf(park) {
			if err := tx.wakeHead(ctx, w.ID, lane); err != nil {
				return err
			}
		}
		return tx.saveWebhookState(ctx, now, w)
	})
}

// saveWebhookState stores what the webhook's own process knows of it. What a backend has set since that has looked,
// as now says, stays: the process learns of it soon, and it may have failed with what was set before.
func (tx *Tx) saveWebhookState(ctx context.Context, now, w chat.Webhook) error {
	if now.UpdatedAt != w.UpdatedAt {
		w.State, w.Failures, w.RetryAt = now.State, now.Failures, now.RetryAt
	}
	_, err := tx.conn.Exec(ctx, `UPDATE webhooks SET number = $2, event_id = $3, failures = $4, retry_at = $5,
			last_error = $6, failed_at = $7, success_at = $8, state = $9 WHERE id = $1`,
		w.ID, w.Place.Number, w.Place.ID, w.Failures, w.RetryAt, cutError(w.LastError), w.FailedAt, w.SuccessAt, string(w.State))
	return err
}

// dueUnlessBehind is when the event at ($2, $3) in lane $4 of webhook $1 is due, as parameters say: a dead
// letter of its lane that is to be told again may be before it.
func dueUnlessBehind(due, behind string) string {
	return `CASE WHEN CAST(` + due + ` AS BIGINT) < CAST(` + behind + ` AS BIGINT) AND EXISTS (SELECT 1 FROM webhook_parked p
		WHERE p.webhook_id = $1 AND p.lane = $4 AND p.dead_at = 0 AND (p.number, p.event_id) < ($2, $3))
		THEN CAST(` + behind + ` AS BIGINT) ELSE CAST(` + due + ` AS BIGINT) END`
}

// SettleParked stores what has become of parked events that were tried: all were taken (taken), or each
// was given up (DeadAt) or is tried again at DueAt. When they are out of the way, the next of their lanes
// are due; empty are the lanes in which there is none.
func (s *Store) SettleParked(ctx context.Context, w chat.Webhook, list []chat.Parked, taken bool) (empty []int64, err error) {
	err = s.Write(ctx, int64(w.ID), func(ctx context.Context, tx *Tx) error {
		empty = nil
		now, err := tx.holdWebhook(ctx, w)
		if err != nil {
			return err
		}
		moved := map[int64]bool{}
		for i := range list {
			p := &list[i]
			if err := tx.settle(ctx, w.ID, p, taken); err != nil {
				return err
			}
			if taken || p.DeadAt > 0 {
				moved[p.Lane()] = true
			}
		}
		for lane := range lanesOf(list) {
			if !moved[lane] {
				if err := tx.wakeHead(ctx, w.ID, lane); err != nil {
					return err
				}
				continue
			}
			there, err := tx.setHead(ctx, w.ID, lane, tx.store.nowMS())
			if err != nil {
				return err
			}
			if !there {
				empty = append(empty, lane)
			}
		}
		return tx.saveWebhookState(ctx, now, w)
	})
	return empty, err
}

func (tx *Tx) settle(ctx context.Context, id chat.WebhookID, p *chat.Parked, taken bool) (err error) {
	if taken {
		_, err = tx.conn.Exec(ctx, `DELETE FROM webhook_parked WHERE webhook_id = $1 AND number = $2 AND event_id = $3`,
			id, p.Number, p.ID)
		return err
	}
	_, err = tx.conn.Exec(ctx, `UPDATE webhook_parked SET attempts = $5, first_at = $6, due_at = `+dueUnlessBehind("$7", "$10")+`,
		last_error = $8, dead_at = $9 WHERE webhook_id = $1 AND number = $2 AND event_id = $3`,
		id, p.Number, p.ID, p.Lane(), p.Attempts, p.FirstAt, p.DueAt, cutError(p.LastError), p.DeadAt, int64(chat.ParkedBehind))
	return err
}

// setHead sets when the first event of a lane is due; there is false where there is none.
func (tx *Tx) setHead(ctx context.Context, id chat.WebhookID, lane, due int64) (there bool, err error) {
	n, err := tx.conn.Exec(ctx, `UPDATE webhook_parked SET due_at = $3 WHERE webhook_id = $1 AND (number, event_id) = (
			SELECT p.number, p.event_id FROM webhook_parked p WHERE p.webhook_id = $1 AND p.lane = $2 AND p.dead_at = 0
			ORDER BY p.number, p.event_id LIMIT 1)`, id, lane, due)
	return n > 0, err
}

func lanesOf(list []chat.Parked) map[int64]bool {
	lanes := map[int64]bool{}
	for i := range list {
		lanes[list[i].Lane()] = true
	}
	return lanes
}

// wakeHead makes the first event of a lane due if it waits, as no other is before it: one that was parked before its
// place was saved is read again after a crash, with those that were told before it, and they are parked in front of it.
func (tx *Tx) wakeHead(ctx context.Context, id chat.WebhookID, lane int64) error {
	_, err := tx.conn.Exec(ctx, `UPDATE webhook_parked SET due_at = $3 WHERE webhook_id = $1 AND due_at = $4 AND (number, event_id) = (
			SELECT p.number, p.event_id FROM webhook_parked p WHERE p.webhook_id = $1 AND p.lane = $2 AND p.dead_at = 0
			ORDER BY p.number, p.event_id LIMIT 1)`, id, lane, tx.store.nowMS(), int64(chat.ParkedBehind))
	return err
}

// ParkedDue lists up to limit parked events of a webhook that are due by a time (Unix ms), the
// earliest first.
func (s *Store) ParkedDue(ctx context.Context, w chat.Webhook, by int64, limit int) (list []chat.Parked, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParked(r, w.App)
		list = append(list, p)
		return err
	}, `SELECT `+parkedColumns+` FROM webhook_parked WHERE webhook_id = $1 AND dead_at = 0 AND due_at <= $2
		ORDER BY due_at, number, event_id LIMIT $3`, w.ID, by, limit)
	return list, s.explain(err)
}

// ParkedAfter lists up to limit parked events that wait behind one in its lane, in their order.
func (s *Store) ParkedAfter(ctx context.Context, w chat.Webhook, p chat.Parked, limit int) (list []chat.Parked, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParked(r, w.App)
		list = append(list, p)
		return err
	}, `SELECT `+parkedColumns+` FROM webhook_parked WHERE webhook_id = $1 AND lane = $2 AND dead_at = 0
		AND (number, event_id) > ($3, $4) ORDER BY number, event_id LIMIT $5`, w.ID, p.Lane(), p.Number, p.ID, limit)
	return list, s.explain(err)
}

// ParkedLanes lists up to limit lanes in which events are parked.
func (s *Store) ParkedLanes(ctx context.Context, id chat.WebhookID, limit int) (lanes []int64, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var lane int64
		err := r.Scan(&lane)
		lanes = append(lanes, lane)
		return err
	}, `SELECT DISTINCT lane FROM webhook_parked WHERE webhook_id = $1 AND dead_at = 0 ORDER BY lane LIMIT $2`, id, limit)
	return lanes, s.explain(err)
}

// HurryParked makes the first parked event of every lane due now: the target is there again.
func (s *Store) HurryParked(ctx context.Context, w chat.Webhook) error {
	return s.Write(ctx, int64(w.ID), func(ctx context.Context, tx *Tx) error {
		if _, err := tx.holdWebhook(ctx, w); err != nil {
			return err
		}
		now := tx.store.nowMS()
		_, err := tx.conn.Exec(ctx, `UPDATE webhook_parked SET due_at = $2
			WHERE webhook_id = $1 AND dead_at = 0 AND due_at > $2 AND due_at < $3`, w.ID, now, int64(chat.ParkedBehind))
		return err
	})
}

// DeadEvents lists up to limit events of a webhook that were given up, the latest first, from a time
// (Unix ms) back.
func (s *Store) DeadEvents(
	ctx context.Context, w chat.Webhook, before int64, after chat.FeedPlace, limit int,
) (list []chat.Parked, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParked(r, w.App)
		list = append(list, p)
		return err
	}, `SELECT `+parkedColumns+` FROM webhook_parked WHERE webhook_id = $1 AND dead_at > 0
			AND (dead_at, number, event_id) < ($2, $3, $4)
		ORDER BY dead_at DESC, number DESC, event_id DESC LIMIT $5`, w.ID, before, after.Number, after.ID, limit)
	return list, s.explain(err)
}

// ParkedCounts counts the events of a webhook that wait to be tried again, and those that were given
// up.
func (s *Store) ParkedCounts(ctx context.Context, id chat.WebhookID) (waiting, dead int64, err error) {
	err = s.eng.Row(ctx, `SELECT
		(SELECT COUNT(*) FROM webhook_parked p WHERE p.webhook_id = $1 AND p.dead_at = 0),
		(SELECT COUNT(*) FROM webhook_parked p WHERE p.webhook_id = $1 AND p.dead_at > 0)`, id).Scan(&waiting, &dead)
	return waiting, dead, s.explain(err)
}

// parkedAtOnce bounds the parked events that one write changes.
const parkedAtOnce = 200

// DeadPlace is where a dead letter stands among those of its webhook: in the order in which they were given
// up. The zero value is before the first.
type DeadPlace struct {
	DeadAt int64 // Unix ms
	chat.FeedPlace
}

// ReplayDead has events of a webhook that were given up tried again, those behind a place that happened since a
// time (Unix ms). It looks at some, and returns how many are tried again and where it has got; more says that
// there may be others.
func (s *Store) ReplayDead(
	ctx context.Context, w chat.Webhook, since int64, after DeadPlace,
) (n int64, at DeadPlace, more bool, err error) {
	at = after
	var list []chat.Parked
	looked := 0
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParked(r, w.App)
		if p.At >= since {
			list = append(list, p)
		}
		looked, at = looked+1, DeadPlace{p.DeadAt, p.FeedPlace}
		return err
	}, `SELECT `+parkedColumns+` FROM webhook_parked WHERE webhook_id = $1 AND dead_at > 0
		AND (dead_at, number, event_id) > ($2, $3, $4) ORDER BY dead_at, number, event_id LIMIT $5`,
		w.ID, after.DeadAt, after.Number, after.ID, parkedAtOnce)
	if err != nil {
		return 0, at, false, s.explain(err)
	}
	n, err = s.revive(ctx, w, list)
	return n, at, looked == parkedAtOnce, err
}

// ReplayOne is ReplayDead for the event at a place; n is 0 where it was not given up.
func (s *Store) ReplayOne(ctx context.Context, w chat.Webhook, p chat.FeedPlace) (n int64, err error) {
	one, err := scanParked(s.eng.Row(ctx, `SELECT `+parkedColumns+` FROM webhook_parked
		WHERE webhook_id = $1 AND number = $2 AND event_id = $3 AND dead_at > 0`, w.ID, p.Number, p.ID), w.App)
	if err != nil {
		return 0, s.explain(ignoreNoRows(err))
	}
	return s.revive(ctx, w, []chat.Parked{one})
}

// revive has dead letters tried again, for as long as if they had happened now: each is due at once, or behind
// others of its lane. n is how many were dead still.
func (s *Store) revive(ctx context.Context, w chat.Webhook, list []chat.Parked) (n int64, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	lanes := lanesOf(list)
	err = s.Write(ctx, int64(w.ID), func(ctx context.Context, tx *Tx) error {
		n = 0
		if _, err := tx.WebhookForUpdate(ctx, w.App, w.ID); err != nil { // nothing of it is parked or settled meanwhile
			return err
		}
		for lane := range lanes { // others may come in front of its first
			if _, err := tx.setHead(ctx, w.ID, lane, chat.ParkedBehind); err != nil {
				return err
			}
		}
		for i := range list {
			done, err := tx.conn.Exec(ctx, `UPDATE webhook_parked SET dead_at = 0, attempts = 0, first_at = $4, due_at = $5
				WHERE webhook_id = $1 AND number = $2 AND event_id = $3 AND dead_at > 0`,
				w.ID, list[i].Number, list[i].ID, tx.store.nowMS(), int64(chat.ParkedBehind))
			if n += done; err != nil {
				return err
			}
		}
		for lane := range lanes {
			if _, err := tx.setHead(ctx, w.ID, lane, tx.store.nowMS()); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// GiveUpWaiting gives up some events of a leased webhook that have waited behind others of their lanes since before
// a time (Unix ms), the first of the feed first, and says why. It returns how many; more says that there may be others.
func (s *Store) GiveUpWaiting(
	ctx context.Context, w chat.Webhook, before int64, reason string,
) (n int64, more bool, err error) {
	var list []chat.Parked
	looked := 0
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		p, err := scanParked(r, w.App)
		if looked++; p.FirstAt < before {
			list = append(list, p)
		}
		return err
	}, `SELECT `+parkedColumns+` FROM webhook_parked WHERE webhook_id = $1 AND dead_at = 0 AND due_at = $2
		ORDER BY due_at, number, event_id LIMIT $3`, w.ID, int64(chat.ParkedBehind), parkedAtOnce)
	if err != nil || len(list) == 0 {
		return 0, false, s.explain(err)
	}
	err = s.Write(ctx, int64(w.ID), func(ctx context.Context, tx *Tx) error {
		n = 0
		if _, err := tx.holdWebhook(ctx, w); err != nil {
			return err
		}
		for _, p := range list {
			done, err := tx.conn.Exec(ctx, `UPDATE webhook_parked SET dead_at = $4, last_error = $5
				WHERE webhook_id = $1 AND number = $2 AND event_id = $3 AND dead_at = 0 AND due_at = $6`,
				w.ID, p.Number, p.ID, max(tx.store.nowMS(), 1), cutError(reason), int64(chat.ParkedBehind))
			if n += done; err != nil {
				return err
			}
		}
		return nil
	})
	return n, err == nil && looked == parkedAtOnce, err
}

// DropParked forgets some events that are parked for a webhook; more says that there may be others.
func (s *Store) DropParked(ctx context.Context, id chat.WebhookID) (more bool, err error) {
	err = s.Write(ctx, int64(id), func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM webhook_parked WHERE webhook_id = $1 AND (number, event_id) IN (
			SELECT p.number, p.event_id FROM webhook_parked p WHERE p.webhook_id = $1 LIMIT $2)`, id, parkedAtOnce)
		more = n == parkedAtOnce
		return err
	})
	return more, err
}

// DropDead forgets some events of a webhook that were given up before a time (Unix ms); more says that there may be
// others.
func (s *Store) DropDead(ctx context.Context, id chat.WebhookID, before int64) (more bool, err error) {
	const old = `SELECT p.number, p.event_id FROM webhook_parked p WHERE p.webhook_id = $1 AND p.dead_at > 0 AND p.dead_at < $2
		ORDER BY p.dead_at, p.number, p.event_id`
	var due bool
	err = s.eng.Row(ctx, `SELECT EXISTS (`+old+` LIMIT 1)`, id, before).Scan(&due)
	if err != nil || !due {
		return false, s.explain(err)
	}
	err = s.Write(ctx, int64(id), func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM webhook_parked WHERE webhook_id = $1 AND dead_at > 0 AND (number, event_id) IN (`+
			old+` LIMIT $3)`, id, before, parkedAtOnce)
		more = n == parkedAtOnce
		return err
	})
	return more, err
}
