package store_test

import (
	"slices"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestPresenceOfARevivedNode: a node that was taken for dead and is alive says itself who is there. What others were
// about to note of its users does not count any more.
func TestPresenceOfARevivedNode(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		now := time.Now()
		o.Now = func() time.Time { return now }
		st := feedStore(t, o)
		app := makeApp(t, st, "a")
		ana, bo := makeUser(t, st, app, chat.UserUpdate{XCID: "ana"}), makeUser(t, st, app, chat.UserUpdate{XCID: "bo"})
		on := func(u chat.User) store.Presence { return store.Presence{App: app.ID, User: u.ID, On: true} }
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		beat := func(want bool) {
			t.Helper()
			if known, err := st.PresenceBeat(t.Context(), "n"); err != nil || known != want {
				t.Fatalf("the node is known: %v, %v", known, err)
			}
		}
		beat(false)
		must(st.SetPresence(t.Context(), "n", on(ana)))
		must(st.SetPresence(t.Context(), "n", on(bo)))
		now = now.Add(2 * time.Minute)
		node, list, ok, err := st.StalePresence(t.Context(), now.Add(-time.Minute))
		if err != nil || !ok || node != "n" || len(list) != 2 {
			t.Fatalf("of %q %v are there: %v, %v", node, list, ok, err)
		}
		must(st.EndPresence(t.Context(), "n", list[0]))
		beat(false) // so that it says anew who is there
		beat(true)
		must(st.EndPresence(t.Context(), "n", list[1]))
		must(st.SetPresence(t.Context(), "n", on(ana)))
		must(st.SetPresence(t.Context(), "n", on(bo)))
		if _, _, ok, err := st.StalePresence(t.Context(), now.Add(-time.Minute)); ok || err != nil {
			t.Errorf("it is taken for dead: %v, %v", ok, err)
		}
		events, err := st.FeedEvents(t.Context(), app.ID, chat.FeedPlace{}, 1<<62, 100)
		must(err)
		var kinds []chat.FeedKind
		for _, e := range events {
			if e.Kind == chat.FeedUserOnline || e.Kind == chat.FeedUserOffline {
				kinds = append(kinds, e.Kind)
			}
		}
		want := []chat.FeedKind{chat.FeedUserOnline, chat.FeedUserOnline, chat.FeedUserOffline, chat.FeedUserOnline}
		if !slices.Equal(kinds, want) {
			t.Errorf("told is %v, want %v", kinds, want)
		}
	})
}
