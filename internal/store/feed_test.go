package store_test

import (
	"context"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// feedStore opens a store that records events.
func feedStore(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	o.Feed = true
	return storetest.Open(t, o)
}

// TestPruneFeedBehindWebhook: events that an active webhook has not got to stay, however old they are, and it is not
// looked for them again at once.
func TestPruneFeedBehindWebhook(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := feedStore(t, o)
		app := makeApp(t, st, "a")
		end, err := st.FeedEnd(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hook := addWebhook(t, st, app, end)
		user := makeUser(t, st, app, chat.UserUpdate{XCID: "ana"}).ID
		for range 5 {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				for range 200 {
					if err := tx.Record(ctx, chat.FeedEvent{App: app.ID, Kind: chat.FeedUserUpdated, User: user, At: 1}); err != nil {
						return err
					}
				}
				return nil
			})
		}
		left := func() int {
			t.Helper()
			list, err := st.FeedEvents(t.Context(), app.ID, chat.FeedPlace{}, 1<<62, 2000)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		before, all := time.Now().Add(time.Hour).UnixMilli(), left()
		if more, err := st.PruneFeed(t.Context(), app.ID, before); err != nil || more || left() != all {
			t.Errorf("beside a webhook that has taken nothing: more %v, %d of %d are left, %v", more, left(), all, err)
		}
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteWebhook(ctx, hook.ID) })
		for range 10 {
			more, err := st.PruneFeed(t.Context(), app.ID, before)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
		}
		if n := left(); n > 0 {
			t.Errorf("without it %d are left", n)
		}
	})
}

// addWebhook stores a webhook that has got up to a place.
func addWebhook(t *testing.T, st *store.Store, app chat.App, at chat.FeedPlace) (w chat.Webhook) {
	t.Helper()
	write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
		w, err = tx.AddWebhook(ctx, chat.Webhook{App: app.ID, URL: "https://example.com", Batch: 1, State: chat.WebhookActive, Place: at})
		return err
	})
	return w
}
