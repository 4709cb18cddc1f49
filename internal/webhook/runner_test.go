package webhook

import (
	"context"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// leased is a webhook whose lease a runner has, which does nothing by itself.
func leased(t *testing.T) *runner {
	t.Helper()
	o := storetest.SQLite(t)
	o.Feed = true
	st := storetest.Open(t, o)
	app, err := st.CreateApp(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	err = st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddWebhook(ctx, chat.Webhook{App: app.ID, URL: "https://example.com", Batch: 1, State: chat.WebhookActive})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := st.LeaseWebhooks(t.Context(), "n", 1, time.Hour)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d webhooks are leased: %v", len(list), err)
	}
	return newRunner(New(Options{Store: st}), list[0])
}

func waits(room chat.RoomID, number, due int64) chat.Parked {
	return chat.Parked{FeedEvent: chat.FeedEvent{FeedPlace: chat.FeedPlace{Number: number, ID: 1}, Room: room}, DueAt: due}
}

// TestOneOfALane: of a lane one event is tried at a time, the first, also where a later one is due still that was
// parked before a crash.
func TestOneOfALane(t *testing.T) {
	t.Parallel()
	r := leased(t)
	for _, park := range [][]chat.Parked{
		{waits(7, 5, 1), waits(7, 6, chat.ParkedBehind), waits(8, 9, 2)},
		{waits(7, 3, chat.ParkedBehind), waits(7, 4, chat.ParkedBehind)},
	} {
		if err := r.m.o.Store.SaveWebhook(t.Context(), r.hook, park); err != nil {
			t.Fatal(err)
		}
	}
	heads, err := r.heads(t.Context(), time.Now().Add(time.Hour).UnixMilli(), 10)
	if err != nil || len(heads) != 2 || heads[0].Number != 3 || heads[1].Number != 9 {
		t.Errorf("tried are %+v, %v", heads, err)
	}
}

// TestMoreLanesThanAreKnown: while there may be parked lanes of which the runner does not know, it reads nothing that
// could belong behind them.
func TestMoreLanesThanAreKnown(t *testing.T) {
	t.Parallel()
	r := leased(t)
	st := r.m.o.Store
	r.most = 40
	const last = 41
	var park []chat.Parked
	for room := range chat.RoomID(last) {
		park = append(park, waits(room+1, int64(room+1), 1))
	}
	if err := st.SaveWebhook(t.Context(), r.hook, park); err != nil {
		t.Fatal(err)
	}
	err := st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
		return tx.Record(ctx, chat.FeedEvent{App: r.app, Kind: chat.FeedUserUpdated, User: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	r.m.o.Render = func(_ context.Context, _ *chat.Webhook, events []chat.FeedEvent) ([][]byte, error) {
		return make([][]byte, len(events)), nil
	}
	fill := func(want bool) {
		t.Helper()
		before := r.window.read
		if err := r.fill(t.Context()); err != nil || (r.window.read != before) != want {
			t.Errorf("with %d lanes the feed is read: %v, %v", len(r.parked), !want, err)
		}
	}
	if err := r.readLanes(t.Context()); err != nil || r.parked[last] {
		t.Fatalf("all of %d lanes are known, %v", len(r.parked), err)
	}
	fill(false)
	for _, some := range [][]chat.Parked{park[:10], park[10:30]} {
		if err := r.settled(t.Context(), some, true); err != nil {
			t.Fatal(err)
		}
		fill(len(some) > 10)
	}
	if !r.parked[last] {
		t.Error("the last lane is not known")
	}
}
