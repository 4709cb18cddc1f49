package store

import (
	"context"
	"encoding/json"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const webhookColumns = `w.id, w.app_id, w.url, w.kinds, w.room_tags, w.room_types, w.batch, w.sealed, w.secrets, w.state,
	w.number, w.event_id, w.owner, w.lease, w.leased_to, w.failures, w.retry_at, w.last_error, w.failed_at, w.success_at,
	w.created_at, w.updated_at`

func scanWebhook(r engine.Row) (w chat.Webhook, err error) {
	var kinds, tags, types, secrets string
	err = r.Scan(&w.ID, &w.App, &w.URL, &kinds, &tags, &types, &w.Batch, &w.Sealed, &secrets, &w.State,
		&w.Place.Number, &w.Place.ID, &w.Owner, &w.Lease, &w.LeasedTo, &w.Failures, &w.RetryAt, &w.LastError, &w.FailedAt,
		&w.SuccessAt, &w.CreatedAt, &w.UpdatedAt)
	for _, list := range []struct {
		text string
		into any
	}{{kinds, &w.Kinds}, {tags, &w.RoomTags}, {types, &w.RoomTypes}, {secrets, &w.Secrets}} {
		if err == nil {
			err = json.Unmarshal([]byte(list.text), list.into)
		}
	}
	return w, err
}

// AddWebhook stores a webhook, which is called about what happens from now on.
func (tx *Tx) AddWebhook(ctx context.Context, w chat.Webhook) (chat.Webhook, error) {
	w.CreatedAt = tx.store.nowMS()
	w.UpdatedAt = w.CreatedAt
	id, err := tx.conn.Insert(ctx, `INSERT INTO webhooks (app_id, url, kinds, room_tags, room_types, batch, sealed, secrets,
			state, number, event_id, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
		w.App, w.URL, engine.JSON(w.Kinds), engine.JSON(w.RoomTags), engine.JSON(w.RoomTypes), w.Batch, w.Sealed,
		engine.JSON(w.Secrets), string(w.State), w.Place.Number, w.Place.ID, w.CreatedAt)
	w.ID = chat.WebhookID(id)
	return w, err
}

// WebhookCount counts the webhooks of an App, and keeps others from being added until the commit.
func (tx *Tx) WebhookCount(ctx context.Context, app chat.AppID) (n int, err error) {
	var id chat.AppID
	err = tx.conn.Row(ctx, `SELECT a.id FROM apps a WHERE a.id = $1`+tx.store.eng.ForUpdate("a"), app).Scan(&id)
	if err == nil {
		err = tx.conn.Row(ctx, `SELECT COUNT(*) FROM webhooks w WHERE w.app_id = $1`, app).Scan(&n)
	}
	return n, err
}

func webhookNotFound() error { return chat.Errorf(chat.CodeNotFound, "Webhook is not found") }

func webhookOr404(w chat.Webhook, err error) (chat.Webhook, error) {
	if engine.NoRows(err) {
		return w, webhookNotFound()
	}
	return w, err
}

// Webhook finds one, or CodeNotFound.
func (s *Store) Webhook(ctx context.Context, app chat.AppID, id chat.WebhookID) (chat.Webhook, error) {
	w, err := webhookOr404(scanWebhook(s.eng.Row(ctx,
		`SELECT `+webhookColumns+` FROM webhooks w WHERE w.id = $1 AND w.app_id = $2`, id, app)))
	return w, s.explain(err)
}

// Webhooks lists those of an App, the oldest first.
func (s *Store) Webhooks(ctx context.Context, app chat.AppID) (list []chat.Webhook, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		w, err := scanWebhook(r)
		list = append(list, w)
		return err
	}, `SELECT `+webhookColumns+` FROM webhooks w WHERE w.app_id = $1 AND w.id > 0 ORDER BY w.id LIMIT $2`, app, chat.MaxWebhooks)
	return list, s.explain(err)
}

// WebhookForUpdate finds one that the transaction is about to change.
func (tx *Tx) WebhookForUpdate(ctx context.Context, app chat.AppID, id chat.WebhookID) (chat.Webhook, error) {
	return webhookOr404(scanWebhook(tx.conn.Row(ctx, `SELECT `+webhookColumns+` FROM webhooks w
		WHERE w.id = $1 AND w.app_id = $2`+tx.store.eng.ForUpdate("w"), id, app)))
}

// SetWebhook stores what a backend has set of a webhook, and has it called anew: failures of before
// no longer count.
func (tx *Tx) SetWebhook(ctx context.Context, w chat.Webhook) (chat.Webhook, error) {
	w.UpdatedAt = max(tx.store.nowMS(), w.UpdatedAt+1)
	_, err := tx.conn.Exec(ctx, `UPDATE webhooks SET url = $2, kinds = $3, room_tags = $4, room_types = $5, batch = $6,
			sealed = $7, secrets = $8, state = $9, failures = 0, retry_at = 0, updated_at = $10 WHERE id = $1`,
		w.ID, w.URL, engine.JSON(w.Kinds), engine.JSON(w.RoomTags), engine.JSON(w.RoomTypes), w.Batch, w.Sealed,
		engine.JSON(w.Secrets), string(w.State), w.UpdatedAt)
	return w, err
}

// DeleteWebhook removes a webhook, and what is parked for it. That may be much: see DropParked.
func (tx *Tx) DeleteWebhook(ctx context.Context, id chat.WebhookID) error {
	if _, err := tx.conn.Exec(ctx, `DELETE FROM webhook_parked WHERE webhook_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.conn.Exec(ctx, `DELETE FROM webhooks WHERE id = $1`, id)
	return err
}

// LeaseWebhooks takes up to limit active webhooks that no process calls.
func (s *Store) LeaseWebhooks(ctx context.Context, owner string, limit int, lease time.Duration) (list []chat.Webhook, err error) {
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		list = nil
		now := tx.store.nowMS()
		err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
			w, err := scanWebhook(r)
			list = append(list, w)
			return err
		}, `SELECT `+webhookColumns+` FROM webhooks w WHERE w.state = 'active' AND w.leased_to <= $1
			ORDER BY w.leased_to, w.id LIMIT $2`+s.eng.SkipLocked("w"), now, limit)
		for i := range list {
			w := &list[i]
			w.Owner, w.LeasedTo = owner, now+lease.Milliseconds()
			w.Lease++
			if err == nil {
				_, err = tx.conn.Exec(ctx, `UPDATE webhooks SET owner = $2, lease = $3, leased_to = $4 WHERE id = $1`,
					w.ID, w.Owner, w.Lease, w.LeasedTo)
			}
		}
		return err
	})
	return list, err
}

// FreeWebhooks counts the active webhooks that no process calls, up to a number, without writing.
func (s *Store) FreeWebhooks(ctx context.Context, upTo int) (n int, err error) {
	err = s.eng.Row(ctx, `SELECT COUNT(*) FROM (SELECT w.id FROM webhooks w WHERE w.state = 'active' AND w.leased_to <= $1
		ORDER BY w.leased_to, w.id LIMIT $2) f`, s.nowMS(), upTo).Scan(&n)
	return n, s.explain(err)
}

// ErrLeaseLost says that another process has taken over, or that nothing is to be done any more.
var ErrLeaseLost = chat.Errorf(chat.CodeConflict, "The lease of the webhook is lost")

// holdWebhook finds a webhook that is leased still as w is.
func (tx *Tx) holdWebhook(ctx context.Context, w chat.Webhook) (chat.Webhook, error) {
	now, err := scanWebhook(tx.conn.Row(ctx, `SELECT `+webhookColumns+` FROM webhooks w
		WHERE w.id = $1 AND w.lease = $2`+tx.store.eng.ForUpdate("w"), w.ID, w.Lease))
	if engine.NoRows(err) {
		return w, ErrLeaseLost
	}
	return now, err
}

// RenewWebhook makes a lease longer and returns the webhook as it is now, which may be paused.
func (s *Store) RenewWebhook(ctx context.Context, w chat.Webhook, lease time.Duration) (now chat.Webhook, err error) {
	err = s.Write(ctx, int64(w.ID), func(ctx context.Context, tx *Tx) error {
		if now, err = tx.holdWebhook(ctx, w); err != nil {
			return err
		}
		now.LeasedTo = tx.store.nowMS() + lease.Milliseconds()
		_, err := tx.conn.Exec(ctx, `UPDATE webhooks SET leased_to = $2 WHERE id = $1`, w.ID, now.LeasedTo)
		return err
	})
	return now, err
}

// LetGoWebhook ends a lease.
func (s *Store) LetGoWebhook(ctx context.Context, w chat.Webhook) error {
	return s.Write(ctx, int64(w.ID), func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE webhooks SET leased_to = 0, owner = '' WHERE id = $1 AND lease = $2`, w.ID, w.Lease)
		return err
	})
}

// ReleaseWebhooks ends the leases of a process that has died, where there can be no other.
func (s *Store) ReleaseWebhooks(ctx context.Context) error {
	if !s.eng.SoleWriter() {
		return nil // they end by themselves
	}
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE webhooks SET leased_to = 0, owner = '', lease = lease + 1 WHERE leased_to > 0`)
		return err
	})
}
