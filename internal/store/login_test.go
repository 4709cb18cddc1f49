package store_test

import (
	"context"
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
