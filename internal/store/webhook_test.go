package store_test

import (
	"context"
	"errors"
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

// letters are events of a few rooms that a webhook was given up for, or that wait behind others of their room.
func letters(n int, each func(i int, p *chat.Parked)) (list []chat.Parked) {
	for i := range n {
		p := chat.Parked{FeedEvent: chat.FeedEvent{
			FeedPlace: chat.FeedPlace{Number: int64(i + 1), ID: 1}, Kind: chat.FeedMessageCreated, Room: chat.RoomID(i%3 + 1), At: int64(i + 1),
		}, DueAt: chat.ParkedBehind}
		each(i, &p)
		list = append(list, p)
	}
	return list
}

// TestReplayDead: of many dead letters those since a time are tried again, each once, with one of each room due.
func TestReplayDead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		w := leaseWebhook(t, st, app)
		const n, since = 500, 300
		dead := letters(n, func(i int, p *chat.Parked) { p.DeadAt = int64(n + i) })
		waiting := chat.Parked{FeedEvent: chat.FeedEvent{FeedPlace: chat.FeedPlace{Number: n + 1, ID: 1}, Room: 1}, DueAt: 5}
		if err := st.SaveWebhook(t.Context(), w, append(dead, waiting)); err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for at, more := (store.DeadPlace{}), true; more; {
			var some int64
			var err error
			if some, at, more, err = st.ReplayDead(t.Context(), w, since, at); err != nil {
				t.Fatal(err)
			}
			total += some
		}
		parked, left, err := st.ParkedCounts(t.Context(), w.ID)
		if err != nil || total != n-since+1 || parked != total+1 || left != since-1 {
			t.Errorf("%d are tried again, %d wait, %d are dead, %v", total, parked, left, err)
		}
		due, err := st.ParkedDue(t.Context(), w, chat.ParkedBehind-1, 10)
		if err != nil || len(due) != 3 {
			t.Fatalf("due are %+v, %v", due, err)
		}
		for _, p := range due {
			if p.At < since || p.At > since+2 || p.FirstAt == 0 {
				t.Errorf("of room %d is due %+v", p.Room, p)
			}
		}
		for want, p := range map[int64]chat.FeedPlace{1: {Number: 1, ID: 1}, 0: {Number: since, ID: 1}} {
			if got, err := st.ReplayOne(t.Context(), w, p); err != nil || got != want {
				t.Errorf("of the one at %v %d are tried again, %v", p, got, err)
			}
		}
	})
}

// TestGiveUpWaiting: what waits behind others is given up by when it came there, and the first of a room never.
func TestGiveUpWaiting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		w := leaseWebhook(t, st, app)
		const n, old = 450, 300
		list := letters(n, func(i int, p *chat.Parked) {
			if p.FirstAt = int64(i); i < 3 {
				p.DueAt = 1
			}
		})
		if err := st.SaveWebhook(t.Context(), w, list); err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for more := true; more; {
			var some int64
			var err error
			if some, more, err = st.GiveUpWaiting(t.Context(), w, old, "too late"); err != nil {
				t.Fatal(err)
			}
			total += some
		}
		parked, dead, err := st.ParkedCounts(t.Context(), w.ID)
		if err != nil || total != old-3 || dead != total || parked != n-total {
			t.Errorf("%d are given up, %d wait, %d are dead, %v", total, parked, dead, err)
		}
		w.Lease++
		if _, _, err := st.GiveUpWaiting(t.Context(), w, 1<<60, "too late"); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("without the lease: %v", err)
		}
	})
}
