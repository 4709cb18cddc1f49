package server

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
	"parlor/internal/webhook"
)

// renderEvents shows webhooks what has happened, in the words of the server API.
func renderEvents(svc *service.Service) webhook.Render {
	return func(ctx context.Context, w *chat.Webhook, events []chat.FeedEvent) ([][]byte, error) {
		views, wanted, err := svc.WebhookEvents(ctx, w, events)
		if err != nil {
			return nil, err
		}
		bodies := make([][]byte, len(events))
		for i := range views {
			if wanted[i] {
				bodies[i] = wire.AppendEvent(nil, &views[i], svc.FileURL)
			}
		}
		return bodies, nil
	}
}

// webhook counts an event that a webhook was told.
func (m *metrics) webhook(how webhook.Outcome) { m.webhooks.WithLabelValues(string(how)).Inc() }

// moderation is how before-hooks are asked.
func moderation(cfg config.Config, o Options) service.Moderation {
	return service.Moderation{
		Asker: webhook.NewAsker(cfg.WebhookPrivateNetwork, o.Now), Log: o.Log,
		Encode: func(q *service.Question) []byte { return (*wire.Question)(q).AppendJSON(nil) },
	}
}
