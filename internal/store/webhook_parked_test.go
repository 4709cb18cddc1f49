package store_test

import (
	"context"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestParkedInFront: after a crash events are read again that were told before one that is parked, and are parked in
// front of it, while that one is tried. Whatever becomes of it, the lane has a first event that is due.
func TestParkedInFront(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		for name, taken := range map[string]bool{"taken": true, "failed": false} {
			t.Run(name, func(t *testing.T) {
				err := st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.AddWebhook(ctx, chat.Webhook{App: app.ID, URL: "https://example.com", Batch: 1, State: chat.WebhookActive})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				leased, err := st.LeaseWebhooks(t.Context(), name, 1, time.Hour)
				if err != nil || len(leased) != 1 {
					t.Fatalf("%d webhooks are leased: %v", len(leased), err)
				}
				w := leased[0]
				event := func(number, due int64) chat.Parked {
					return chat.Parked{FeedEvent: chat.FeedEvent{
						App: app.ID, FeedPlace: chat.FeedPlace{Number: number, ID: 1}, Kind: chat.FeedMessageCreated, Room: 7,
					}, DueAt: due}
				}
				park := func(list ...chat.Parked) {
					t.Helper()
					if err := st.SaveWebhook(t.Context(), w, list); err != nil {
						t.Fatal(err)
					}
				}
				park(event(5, 1), event(6, chat.ParkedBehind))
				tried := event(5, 1)
				park(event(3, chat.ParkedBehind), event(4, chat.ParkedBehind))
				tried.Attempts, tried.DueAt = 1, 2
				if _, err := st.SettleParked(t.Context(), w, []chat.Parked{tried}, taken); err != nil {
					t.Fatal(err)
				}
				due, err := st.ParkedDue(t.Context(), w, chat.ParkedBehind-1, 10)
				if err != nil || len(due) != 1 || due[0].Number != 3 {
					t.Errorf("due are %+v, %v", due, err)
				}
			})
		}
	})
}
