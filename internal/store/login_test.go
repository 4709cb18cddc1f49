package store_test

import (
	"context"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestLoginIDsAreNew: no login gets the id of one that has ended. What the old one's device
// still has under way would count as written by the new one.
func TestLoginIDsAreNew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		var user chat.User
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
			user, err = tx.PutUser(ctx, app.ID, chat.UserUpdate{XCID: "u", Fullname: "U"})
			return err
		})
		seen := map[chat.LoginID]bool{}
		for round := range 30 {
			var made []chat.LoginID
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				made = nil
				for range 2 { // on one device: the second ends the first
					l, _, err := tx.CreateLogin(ctx, chat.Login{App: app.ID, User: user.ID, Device: "d"}, 1<<50)
					if err != nil {
						return err
					}
					made = append(made, l.ID)
				}
				return nil
			})
			last := made[len(made)-1]
			if seen[last] {
				t.Fatalf("in round %d login %d again", round, last)
			}
			seen[last] = true
			if round%2 == 0 {
				write(t, st, 0, func(ctx context.Context, tx *store.Tx) error { return tx.EndLogin(ctx, last) })
			}
		}
	})
}

// TestNewLoginBesideAnEndedOne: what the device of an ended login had under way is not
// stored in the name of a login that begins in the same commit.
func TestNewLoginBesideAnEndedOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		var user, other chat.User
		var login chat.Login
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
			if user, err = tx.PutUser(ctx, app.ID, chat.UserUpdate{XCID: "u", Fullname: "U"}); err != nil {
				return err
			}
			if other, err = tx.PutUser(ctx, app.ID, chat.UserUpdate{XCID: "o", Fullname: "O"}); err != nil {
				return err
			}
			login, _, err = tx.CreateLogin(ctx, chat.Login{App: app.ID, User: user.ID, Device: "d"}, 1<<50)
			return err
		})
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error { return tx.EndLogin(ctx, login.ID) })

		entered, release := make(chan bool), make(chan bool)
		var all sync.WaitGroup
		all.Go(func() { // until it ends the other two wait for one commit
			write(t, st, 0, func(context.Context, *store.Tx) error {
				entered <- true
				<-release
				return nil
			})
		})
		<-entered
		var late error
		all.Go(func() {
			late = st.WriteAs(t.Context(), store.Author{Login: login.ID}, 1,
				func(context.Context, *store.Tx) error { return nil })
		})
		all.Go(func() {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				_, _, err := tx.CreateLogin(ctx, chat.Login{App: app.ID, User: other.ID, Device: "d"}, 1<<50)
				return err
			})
		})
		close(release)
		all.Wait()
		if chat.CodeOf(late) != chat.CodeTokenInvalid {
			t.Errorf("a write in the name of the ended login: %v", late)
		}
	})
}
