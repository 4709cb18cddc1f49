package store_test

import (
	"context"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// leaseWebhook makes a webhook and takes its lease.
func leaseWebhook(t *testing.T, st *store.Store, app chat.App) chat.Webhook {
	t.Helper()
	addWebhook(t, st, app, chat.FeedPlace{})
	list, err := st.LeaseWebhooks(t.Context(), "n", 1, time.Hour)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d webhooks are leased: %v", len(list), err)
	}
	return list[0]
}

// TestSetWhileCalled: what a backend sets of a webhook is not undone by what its process knew before, such as that the
// address of before wanted no more calls.
func TestSetWhileCalled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		w := leaseWebhook(t, st, app)
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			set := w
			set.URL = "https://example.com/new"
			_, err := tx.SetWebhook(ctx, set)
			return err
		})
		w.State, w.Failures, w.RetryAt, w.LastError = chat.WebhookGone, 7, 1<<40, "HTTP 410"
		parked := chat.Parked{FeedEvent: chat.FeedEvent{FeedPlace: chat.FeedPlace{Number: 1, ID: 1}, Room: 7}, DueAt: 1}
		if err := st.SaveWebhook(t.Context(), w, []chat.Parked{parked}); err != nil {
			t.Fatal(err)
		}
		if _, err := st.SettleParked(t.Context(), w, []chat.Parked{parked}, true); err != nil {
			t.Fatal(err)
		}
		now, err := st.RenewWebhook(t.Context(), w, time.Hour)
		if err != nil || now.State != chat.WebhookActive || now.Failures != 0 || now.RetryAt != 0 || now.LastError != "HTTP 410" {
			t.Fatalf("%+v, %v", now, err)
		}
		w.UpdatedAt = now.UpdatedAt // it has learnt of it
		if err := st.SaveWebhook(t.Context(), w, nil); err != nil {
			t.Fatal(err)
		}
		if now, err = st.RenewWebhook(t.Context(), w, time.Hour); err != nil || now.State != chat.WebhookGone || now.RetryAt != 1<<40 {
			t.Errorf("what it has found out since is not stored: %+v, %v", now, err)
		}
	})
}
