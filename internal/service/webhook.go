package service

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/webhook"
)

const (
	// MaxWebhookBatch bounds the events of one call.
	MaxWebhookBatch = 100
	// secretOverlap is for how long calls are signed with the secret of before, too.
	secretOverlap = 24 * 60 * 60 * 1000
)

// WebhookUpdate is what a backend sets of a webhook; nil leaves it as it is.
type WebhookUpdate struct {
	URL       *string
	Kinds     []chat.FeedKind
	RoomTags  []string
	RoomTypes []chat.RoomType
	Batch     *int
	Sealed    *bool
	Paused    *bool
}

func (u *WebhookUpdate) apply(w *chat.Webhook) {
	if u.URL != nil {
		w.URL = *u.URL
	}
	if u.Kinds != nil {
		w.Kinds = u.Kinds
	}
	if u.RoomTags != nil {
		w.RoomTags = u.RoomTags
	}
	if u.RoomTypes != nil {
		w.RoomTypes = u.RoomTypes
	}
	if u.Batch != nil {
		w.Batch = *u.Batch
	}
	if u.Sealed != nil {
		w.Sealed = *u.Sealed
	}
	if u.Paused != nil {
		w.State = chat.WebhookActive
		if *u.Paused {
			w.State = chat.WebhookPaused
		}
	}
}

// CreateWebhook has an address called about what happens in the App from now on. Its secret is made
// here. A private address is CodeInvalid unless the server may call such.
func (b Backend) CreateWebhook(ctx context.Context, up WebhookUpdate) (w chat.Webhook, err error) {
	w = chat.Webhook{App: b.app.ID, Batch: 1, State: chat.WebhookActive}
	up.apply(&w)
	if err := webhook.ValidateURL(w.URL, b.webhookPrivate); err != nil {
		return w, chat.Invalid("url", "%v", err)
	}
	w.Secrets = []chat.WebhookSecret{{Secret: webhook.NewSecret(), CreatedAt: b.now().UnixMilli()}}
	// Not within the transaction, which would hold one connection and wait for another. What is
	// committed in between is told, too.
	if w.Place, err = b.store.FeedEnd(ctx); err != nil {
		return w, err
	}
	made := w
	err = b.store.WriteOnce(ctx, b.webhookShard(), func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.WebhookCount(ctx, b.app.ID)
		if err != nil {
			return err
		}
		if n >= chat.MaxWebhooks {
			return chat.Errorf(chat.CodeForbidden, "An App has at most %d webhooks; delete one first", chat.MaxWebhooks)
		}
		made, err = tx.AddWebhook(ctx, w)
		return err
	}, &made)
	return made, err
}

// webhookShard keeps the writes about an App's webhooks in one lane.
func (b Backend) webhookShard() int64 { return shardOf(b.app.ID, "webhooks", "") }

// Webhooks lists the App's webhooks.
func (b Backend) Webhooks(ctx context.Context) ([]chat.Webhook, error) {
	return b.store.Webhooks(ctx, b.app.ID)
}

// WebhookStatus is a webhook, and how many events it has not taken.
type WebhookStatus struct {
	chat.Webhook
	Parked, Dead int64
}

// Webhook finds one of the App's webhooks.
func (b Backend) Webhook(ctx context.Context, id chat.WebhookID) (s WebhookStatus, err error) {
	if s.Webhook, err = b.store.Webhook(ctx, b.app.ID, id); err != nil {
		return s, err
	}
	s.Parked, s.Dead, err = b.store.ParkedCounts(ctx, id)
	return s, err
}

// UpdateWebhook changes a webhook. That takes effect within seconds.
func (b Backend) UpdateWebhook(ctx context.Context, id chat.WebhookID, up WebhookUpdate) (chat.Webhook, error) {
	if up.URL != nil {
		if err := webhook.ValidateURL(*up.URL, b.webhookPrivate); err != nil {
			return chat.Webhook{}, chat.Invalid("url", "%v", err)
		}
	}
	return b.changeWebhook(ctx, id, func(w *chat.Webhook) { up.apply(w) })
}

func (b Backend) changeWebhook(ctx context.Context, id chat.WebhookID, change func(*chat.Webhook)) (w chat.Webhook, err error) {
	err = b.store.WriteOnce(ctx, b.webhookShard(), func(ctx context.Context, tx *store.Tx) error {
		if w, err = tx.WebhookForUpdate(ctx, b.app.ID, id); err != nil {
			return err
		}
		change(&w)
		w, err = tx.SetWebhook(ctx, w)
		return err
	}, &w)
	return w, err
}

// RotateSecret gives a webhook a new secret. For a day calls are signed with the one before, too.
func (b Backend) RotateSecret(ctx context.Context, id chat.WebhookID) (chat.Webhook, error) {
	fresh := webhook.NewSecret()
	return b.changeWebhook(ctx, id, func(w *chat.Webhook) {
		now := b.now().UnixMilli()
		w.Secrets = slices.DeleteFunc(w.Secrets, func(s chat.WebhookSecret) bool { return s.Until > 0 })
		for i := range w.Secrets {
			w.Secrets[i].Until = now + secretOverlap
		}
		w.Secrets = append([]chat.WebhookSecret{{Secret: fresh, CreatedAt: now}}, w.Secrets...)
	})
}

// DeleteWebhook has a webhook not be called any more, and forgets what it has not taken.
func (b Backend) DeleteWebhook(ctx context.Context, id chat.WebhookID) error {
	pause := true
	if _, err := b.UpdateWebhook(ctx, id, WebhookUpdate{Paused: &pause}); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = b.store.DropParked(ctx, id); err != nil {
			return err
		}
	}
	return b.store.Write(ctx, b.webhookShard(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.WebhookForUpdate(ctx, b.app.ID, id)
		if chat.CodeOf(err) == chat.CodeNotFound { // another call was faster, or this one before its answer was lost
			return nil
		}
		if err != nil {
			return err
		}
		return tx.DeleteWebhook(ctx, id)
	})
}

// DeadEvent is an event that a webhook has not taken, with what it is about.
type DeadEvent struct {
	chat.Parked
	View chat.FeedView
}

// DeadEvents lists events that a webhook has not taken and that were given up, the latest first: those
// before a time (Unix ms) and, at that time, before a place.
func (b Backend) DeadEvents(
	ctx context.Context, id chat.WebhookID, before int64, at chat.FeedPlace, limit int,
) (list []DeadEvent, more bool, err error) {
	w, err := b.store.Webhook(ctx, b.app.ID, id)
	if err != nil {
		return nil, false, err
	}
	found, err := b.store.DeadEvents(ctx, w, before, at, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	events := make([]chat.FeedEvent, len(found))
	for i := range found {
		events[i] = found[i].FeedEvent
	}
	views, err := b.showFeed(ctx, b.app.ID, events, w.Sealed)
	if err != nil {
		return nil, false, err
	}
	list = make([]DeadEvent, len(found))
	for i := range found {
		list[i] = DeadEvent{found[i], views[i]}
	}
	return list, more, nil
}

// ReplayDead has events that were given up told again: the one at a place or, of the zero place, all
// that happened since a time (Unix ms). It returns how many.
func (b Backend) ReplayDead(ctx context.Context, id chat.WebhookID, since int64, only chat.FeedPlace) (n int64, err error) {
	w, err := b.store.Webhook(ctx, b.app.ID, id)
	if err != nil {
		return 0, err
	}
	if only != (chat.FeedPlace{}) {
		if n, err = b.store.ReplayOne(ctx, w, only); err != nil {
			return n, err
		}
		return n, b.store.NoteCall(ctx) // there may have been nothing to write
	}
	at := store.DeadPlace{DeadAt: since} // what has happened since then was given up later
	for more := true; more; {
		var some int64
		if some, at, more, err = b.store.ReplayDead(ctx, w, since, at); err != nil {
			return n, err
		}
		n += some
	}
	return n, b.store.NoteCall(ctx)
}
