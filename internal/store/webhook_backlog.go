package store

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const (
	// MaxParkedCounted is where WebhookBacklogs ends to count the events of one webhook: beyond, it is that many.
	MaxParkedCounted = 1000
	// webhooksShown bounds the webhooks of which WebhookBacklogs tells.
	webhooksShown = 1000
)

// WebhookBacklog is what a webhook has not been told.
type WebhookBacklog struct {
	Webhook chat.WebhookID
	Waiting int // events that wait to be told again, and those behind them; at most MaxParkedCounted
	Dead    int // that were given up and are kept; at most MaxParkedCounted
	// Oldest is how long ago the first of its events has happened that it was not told: of those that wait, or of the
	// feed. Where more than MaxParkedCounted wait, it is that of those that are due first. It is 0 where the webhook is
	// paused, or gone, and where there is nothing.
	Oldest time.Duration
}

// WebhookBacklogs tells what there is to tell the webhooks of all Apps, up to 1,000 of them.
func (s *Store) WebhookBacklogs(ctx context.Context) (list []WebhookBacklog, err error) {
	now := s.nowMS()
	const parked = `FROM webhook_parked p WHERE p.webhook_id = w.id AND p.dead_at = 0 ORDER BY p.due_at, p.number, p.event_id LIMIT $1`
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var b WebhookBacklog
		var waits, untold int64 // Unix ms
		err := r.Scan(&b.Webhook, &b.Waiting, &waits, &b.Dead, &untold)
		for _, at := range []int64{waits, untold} {
			if at > 0 {
				b.Oldest = max(b.Oldest, time.Duration(now-at)*time.Millisecond)
			}
		}
		list = append(list, b)
		return err
	}, `SELECT w.id,
			(SELECT COUNT(*) FROM (SELECT 1 `+parked+`) x),
			CASE w.state WHEN 'active' THEN COALESCE((SELECT MIN(x.at) FROM (SELECT p.at `+parked+`) x), 0) ELSE 0 END,
			(SELECT COUNT(*) FROM (SELECT 1 FROM webhook_parked p WHERE p.webhook_id = w.id AND p.dead_at > 0 LIMIT $1) x),
			CASE w.state WHEN 'active' THEN COALESCE((SELECT f.at FROM feed_events f
				WHERE f.app_id = w.app_id AND (f.number, f.id) > (w.number, w.event_id)
				ORDER BY f.number, f.id LIMIT 1), 0) ELSE 0 END
		FROM webhooks w WHERE w.id > 0 ORDER BY w.id LIMIT $2`, MaxParkedCounted, webhooksShown)
	return list, s.explain(err)
}
