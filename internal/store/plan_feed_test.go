package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"parlor/internal/chat"
)

// TestFeedUsesIndexes asks the same as TestHotPathsUseIndexes of events, of which there are many, and of
// webhooks, for each of which many may be parked.
func TestFeedUsesIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		o.Feed = true
		st, sp := openSpied(t, o, true)
		app := mustApp(t, st)
		fillWithEvents(t, st, app.ID)
		hooks := fillWithWebhooks(t, st, app.ID)
		plans := plansOf(t, o, sp)
		for _, path := range feedPaths(st, app.ID, hooks) {
			t.Run(path.name, func(t *testing.T) {
				path.look(t, sp, plans)
			})
		}
	})
}

// fillWithEvents makes 500 users and records 4,000 events of users in an App.
func fillWithEvents(t *testing.T, st *Store, app chat.AppID) {
	t.Helper()
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		for i := range 500 {
			if _, err := tx.PutUser(ctx, app, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U"}); err != nil {
				return err
			}
		}
		return nil
	})
	for range 20 {
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i := range 200 {
				err := tx.Record(ctx, chat.FeedEvent{App: app, Kind: chat.FeedUserUpdated, User: chat.UserID(i + 1), At: 1})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// fillWithWebhooks makes 40 webhooks, leased, for each of which 100 events are parked, and as many dead.
func fillWithWebhooks(t *testing.T, st *Store, app chat.AppID) []chat.Webhook {
	t.Helper()
	for range 40 {
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			_, err := tx.AddWebhook(ctx, chat.Webhook{App: app, URL: "https://example.com", Batch: 1, State: chat.WebhookActive})
			return err
		})
	}
	hooks, err := st.LeaseWebhooks(t.Context(), "n", 40, time.Hour)
	if err != nil || len(hooks) != 40 {
		t.Fatalf("%d webhooks, %v", len(hooks), err)
	}
	for i := range hooks {
		var park []chat.Parked
		for n := range 200 {
			p := chat.Parked{FeedEvent: chat.FeedEvent{
				FeedPlace: chat.FeedPlace{Number: 5, ID: int64(n + 1)}, App: app, Kind: chat.FeedUserUpdated, User: chat.UserID(n%50 + 1),
			}, DueAt: chat.ParkedBehind}
			switch {
			case n >= 100:
				p.DeadAt = int64(n)
			case n < 50:
				p.DueAt = int64(n)
			}
			park = append(park, p)
		}
		if err := st.SaveWebhook(t.Context(), hooks[i], park); err != nil {
			t.Fatal(err)
		}
	}
	return hooks
}

func feedPaths(st *Store, app chat.AppID, hooks []chat.Webhook) []hotPath {
	w := hooks[7]
	w.App = app
	return []hotPath{
		{"record an event", func(ctx context.Context) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
				return tx.Record(ctx, chat.FeedEvent{App: app, Kind: chat.FeedUserUpdated, User: 7})
			})
		}},
		{"list events", func(ctx context.Context) error {
			horizon, err := st.Horizon(ctx)
			if err != nil {
				return err
			}
			list, err := st.FeedEvents(ctx, app, chat.FeedPlace{}, horizon, 100)
			if err == nil && len(list) != 100 {
				err = fmt.Errorf("%d events", len(list))
			}
			return err
		}},
		{"the last event", func(ctx context.Context) error {
			p, err := st.LastEvent(ctx, AppFeed{App: app}, 1<<62)
			if err != nil {
				return err
			}
			there, err := st.HasEvent(ctx, app, p)
			if err == nil && (!there || p.Number == 0) {
				err = fmt.Errorf("no event at %+v", p)
			}
			return err
		}},
		{"how far they are pruned", func(ctx context.Context) error { _, err := st.FeedPruned(ctx, app); return err }},
		{"prune events", func(ctx context.Context) error { _, err := st.PruneFeed(ctx, app, 2); return err }},
		{"webhooks of an App", func(ctx context.Context) error { _, err := st.Webhooks(ctx, app); return err }},
		{"a webhook", func(ctx context.Context) error { _, err := st.Webhook(ctx, app, w.ID); return err }},
		{"look for webhooks", func(ctx context.Context) error { _, err := st.FreeWebhooks(ctx, 100); return err }},
		{"lease webhooks", func(ctx context.Context) error { _, err := st.LeaseWebhooks(ctx, "m", 4, time.Hour); return err }},
		{"renew a lease", func(ctx context.Context) error { _, err := st.RenewWebhook(ctx, w, time.Hour); return err }},
		{"what is due", func(ctx context.Context) error {
			list, err := st.ParkedDue(ctx, w, 10, 4)
			if err == nil && len(list) != 4 {
				err = fmt.Errorf("%d are due", len(list))
			}
			return err
		}},
		{"the lanes that are parked", func(ctx context.Context) error { _, err := st.ParkedLanes(ctx, w.ID, 100); return err }},
		{"settle one", func(ctx context.Context) error {
			list, err := st.ParkedDue(ctx, w, 10, 1)
			if err != nil || len(list) != 1 {
				return fmt.Errorf("%d are due: %w", len(list), err)
			}
			empty, err := st.SettleParked(ctx, w, list, true)
			if err == nil && len(empty) > 0 {
				err = fmt.Errorf("nothing was behind it")
			}
			return err
		}},
		{"put one off", func(ctx context.Context) error {
			list, err := st.ParkedDue(ctx, w, 10, 1)
			if err == nil {
				_, err = st.SettleParked(ctx, w, list, false)
			}
			return err
		}},
		{"what is behind one", func(ctx context.Context) error {
			list, err := st.ParkedDue(ctx, w, 10, 1)
			if err != nil || len(list) != 1 {
				return fmt.Errorf("%d are due: %w", len(list), err)
			}
			behind, err := st.ParkedAfter(ctx, w, list[0], 9)
			if err == nil && len(behind) != 1 {
				err = fmt.Errorf("%d are behind it", len(behind))
			}
			return err
		}},
		{"what there is to tell", func(ctx context.Context) error {
			list, err := st.WebhookBacklogs(ctx)
			if err == nil && (len(list) != 40 || list[0].Dead != 100) {
				err = fmt.Errorf("%d webhooks, of the first %+v", len(list), list[0])
			}
			return err
		}},
		{"hurry", func(ctx context.Context) error { return st.HurryParked(ctx, w) }},
		{"list dead ones", func(ctx context.Context) error {
			list, err := st.DeadEvents(ctx, w, 150, chat.FeedPlace{}, 20)
			if err == nil && len(list) != 20 {
				err = fmt.Errorf("%d are dead", len(list))
			}
			return err
		}},
		{"replay one", func(ctx context.Context) error {
			n, err := st.ReplayOne(ctx, w, chat.FeedPlace{Number: 5, ID: 140})
			if err == nil && n != 1 {
				err = fmt.Errorf("%d were replayed", n)
			}
			return err
		}},
		{"replay all since", func(ctx context.Context) error {
			n, _, _, err := st.ReplayDead(ctx, w, 0, DeadPlace{DeadAt: 190})
			if err == nil && n != 10 {
				err = fmt.Errorf("%d were replayed", n)
			}
			return err
		}},
		{"give up what waits", func(ctx context.Context) error {
			n, _, err := st.GiveUpWaiting(ctx, w, 1, "too old")
			if err == nil && n == 0 {
				err = fmt.Errorf("nothing was given up")
			}
			return err
		}},
		{"forget dead ones", func(ctx context.Context) error {
			_, err := st.DropDead(ctx, w.ID, 120)
			if err == nil {
				_, err = st.DropParked(ctx, w.ID)
			}
			return err
		}},
		{"who comes and goes", func(ctx context.Context) error {
			return st.SetPresence(ctx, "n", Presence{App: app, User: 1, On: true})
		}},
		{"a node beats", func(ctx context.Context) error { _, err := st.PresenceBeat(ctx, "n"); return err }},
	}
}
