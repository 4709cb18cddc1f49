package store_test

import (
	"context"
	"slices"
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

// TestFollowFeed: who follows the feed is told whose events were recorded, by whichever way, and of nobody else's.
func TestFollowFeed(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := feedStore(t, o)
		app, other := makeApp(t, st, "a"), makeApp(t, st, "b")
		user := makeUser(t, st, app, chat.UserUpdate{XCID: "ana"})
		room := makeRoom(t, st, app, "r")
		join(t, st, room, user)
		var told []chat.AppID
		st.FollowFeed(func(apps []chat.AppID) { told = append(told, apps...) })
		draft := chat.Message{App: app.ID, Room: room.ID, Sender: user.ID, Type: chat.TextMessage}
		for what, do := range map[string]func() error{
			"an event": func() error {
				return st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
					return tx.Record(ctx, chat.FeedEvent{App: app.ID, Kind: chat.FeedUserUpdated, User: user.ID})
				})
			},
			"a message": func() error {
				draft.LocalID = "one"
				return st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.AppendMessage(ctx, store.NewMessage{Message: draft})
					return err
				})
			},
			"a plain message": func() error {
				draft.LocalID = "two"
				_, err := st.AppendMessages(t.Context(), store.Author{}, 0, []store.NewMessage{{Message: draft}})
				return err
			},
		} {
			told = nil
			if err := do(); err != nil || !slices.Equal(told, []chat.AppID{app.ID}) {
				t.Errorf("%s of App %d, beside %d: told of %v, %v", what, app.ID, other.ID, told, err)
			}
		}
		told = nil
		write(t, st, 0, func(context.Context, *store.Tx) error { return nil })
		if told != nil {
			t.Errorf("of no event it is told of %v", told)
		}
	})
}
