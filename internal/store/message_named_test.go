package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestErasedAreNotNamed: a message is not stored that names a user who was erased since that was looked up, alone or
// together with others, which are.
func TestErasedAreNotNamed(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		ana := makeUser(t, st, app, chat.UserUpdate{XCID: "ana", Fullname: "Ana"})
		bo := makeUser(t, st, app, chat.UserUpdate{XCID: "bo", Fullname: "Bo"})
		room := makeRoom(t, st, app, "r")
		join(t, st, room, ana, bo)
		message := func(localID string, named ...store.NamedUser) store.NewMessage {
			return store.NewMessage{Guarded: true, Named: named, Message: chat.Message{
				App: app.ID, Room: room.ID, Sender: bo.ID, Type: chat.TextMessage, LocalID: localID,
			}}
		}
		her := store.NamedUser{ID: ana.ID, XCID: ana.XCID}
		erase := func(ctx context.Context, tx *store.Tx) error {
			u, _, _, err := tx.DeleteUser(ctx, app.ID, "ana")
			if err == nil {
				_, err = tx.AddErasure(ctx, u, chat.Erased{})
			}
			return err
		}
		// Who has stored a message that names her is waited for.
		open, begun, stored := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			stored <- st.Write(context.Background(), 0, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.AppendMessage(ctx, message("before", her))
				close(begun)
				<-open
				return err
			})
		}()
		<-begun
		release := sync.OnceFunc(func() { close(open) })
		defer release()
		erased := make(chan error, 1)
		go func() { erased <- st.Write(context.Background(), loginShard(ana)|1, erase) }()
		if o.DSN != "" {
			eventually(t, "the erasure waits", func() bool {
				return storetest.Query(t, o, `SELECT COUNT(*) || '' FROM pg_stat_activity WHERE datname = current_database()
					AND wait_event_type = 'Lock'`)[0] == "1"
			})
		}
		if len(erased) > 0 {
			t.Error("the erasure has not waited")
		}
		release()
		for _, done := range []chan error{stored, erased} {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}

		g := shut(t, st)
		answers := map[string]chan error{}
		for name, m := range map[string]store.NewMessage{
			"of nobody": message("of nobody"), "of her": message("of her", her),
			"of him": message("of him", store.NamedUser{ID: bo.ID, XCID: bo.XCID}),
		} {
			answers[name] = make(chan error, 1)
			before := st.Waiting()
			go func() {
				_, err := st.AppendMessages(context.Background(), store.Author{User: bo.ID}, 0, []store.NewMessage{m})
				answers[name] <- err
			}()
			eventually(t, "it waits", func() bool { return st.Waiting() > before })
		}
		g.release(t)
		for name, answer := range answers {
			if err := <-answer; errors.Is(err, store.ErrErased) != (name == "of her") || err != nil && name != "of her" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := storetest.LocalIDs(t, o); len(got) != 3 || got["of her"] {
			t.Errorf("stored are %v", got)
		}
	})
}
