package store_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestSignOutsAndSignIns: users sign in on two nodes, write in their own name, and get tickets, while they are
// signed out, deactivated, deleted and brought back. None of that waits in a circle, and in the end a user has
// logins only if they were made after all of it.
func TestSignOutsAndSignIns(t *testing.T) {
	o := storetest.Postgres(t)
	nodes := []*store.Store{storetest.Open(t, o), storetest.Open(t, o)}
	app := makeApp(t, nodes[0], "a")
	var users []chat.User
	for i := range 4 {
		users = append(users, makeUser(t, nodes[0], app, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U"}))
	}
	var busy sync.WaitGroup
	for worker := range 12 {
		busy.Go(func() {
			r := rand.New(rand.NewPCG(11, uint64(worker)))
			st := nodes[worker%2]
			for i := range 60 {
				u := users[r.IntN(len(users))]
				if err := raceLogins(t.Context(), st, u, r.IntN(10), fmt.Sprint(worker, "-", i)); err != nil {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	busy.Wait()
	storetest.Audit(t, o)
	for _, u := range users {
		write(t, nodes[0], loginShard(u), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.SignOut(ctx, u.App, u.ID, "")
			return err
		})
	}
	if left := storetest.Query(t, o, "SELECT id FROM logins"); len(left) != 0 {
		t.Errorf("logins %v stand", left)
	}
	for _, st := range nodes { // what a connection knows of deadlocks counts once it is closed
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := storetest.Query(t, o, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); n[0] != "0" {
		t.Errorf("%s deadlocks", n[0])
	}
}

// loginShard is that of writes which begin and end logins, as the service has it.
func loginShard(u chat.User) int64 { return math.MinInt64 + int64(u.ID) }

// raceLogins does one of the things that hold a user's logins, or the user. What is refused for the state of
// the user is no error.
func raceLogins(ctx context.Context, st *store.Store, u chat.User, what int, name string) error {
	hash := []byte("ticket " + name)
	do := func(by store.Author, shard int64, fn func(context.Context, *store.Tx) error) error {
		err := st.WriteAs(ctx, by, shard, fn)
		switch chat.CodeOf(err) {
		case chat.CodeForbidden, chat.CodeTokenOrphan, chat.CodeTokenInvalid, chat.CodeNotFound:
			return nil
		}
		return err
	}
	shard := loginShard(u)
	switch what {
	case 0:
		return do(store.Author{}, shard, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.SignOut(ctx, u.App, u.ID, "")
			return err
		})
	case 1:
		return do(store.Author{}, shard, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.SetDeactivated(ctx, u.App, u.ID, len(name)%2 == 0)
			return err
		})
	case 2:
		return do(store.Author{}, shard, func(ctx context.Context, tx *store.Tx) error {
			_, _, _, err := tx.DeleteUser(ctx, u.App, u.XCID)
			return err
		})
	case 3:
		return do(store.Author{}, int64(u.ID), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.PutUser(ctx, u.App, chat.UserUpdate{XCID: u.XCID, Fullname: name})
			return err
		})
	}
	if err := do(store.Author{}, shard, func(ctx context.Context, tx *store.Tx) error {
		return tx.CreateTicket(ctx, u.App, u.ID, hash, 1<<50)
	}); err != nil {
		return err
	}
	var login chat.Login
	if err := do(store.Author{}, shard, func(ctx context.Context, tx *store.Tx) error {
		ok, err := tx.UseTicket(ctx, u.App, u.ID, hash)
		if err != nil || !ok {
			return err
		}
		login, _, err = tx.CreateLogin(ctx, chat.Login{App: u.App, User: u.ID, Device: name}, int64(len(name)%3)<<50)
		return err
	}); err != nil || login.ID == 0 {
		return err
	}
	return do(store.Author{Login: login.ID}, int64(u.ID), func(ctx context.Context, tx *store.Tx) error {
		return tx.SetBio(ctx, u.App, u.ID, name)
	})
}
