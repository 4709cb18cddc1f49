package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Small steps that many tests share. Each fails the test when it fails.

func makeApp(t testing.TB, st *store.Store, name string) chat.App {
	t.Helper()
	app, err := st.CreateApp(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func makeUser(t testing.TB, st *store.Store, app chat.App, up chat.UserUpdate) chat.User {
	t.Helper()
	if up.Fullname == "" {
		up.Fullname = up.XCID
	}
	var u chat.User
	write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
		u, err = tx.PutUser(ctx, app.ID, up)
		return err
	})
	return u
}

// makeUsers makes users without a role, named prefix0, prefix1 and so on.
func makeUsers(t *testing.T, st *store.Store, app chat.App, prefix string, n int) []chat.User {
	t.Helper()
	users := make([]chat.User, n)
	for i := range users {
		users[i] = makeUser(t, st, app, chat.UserUpdate{XCID: fmt.Sprint(prefix, i)})
	}
	return users
}

func makeRoom(t testing.TB, st *store.Store, app chat.App, xc string) chat.Room {
	t.Helper()
	var r chat.Room
	write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = tx.CreateRoom(ctx, chat.Room{App: app.ID, XCID: xc, Type: chat.Group, Name: xc})
		return err
	})
	return r
}

func join(t *testing.T, st *store.Store, r chat.Room, users ...chat.User) {
	t.Helper()
	write(t, st, int64(r.ID), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddParticipants(ctx, r.ID, idsOf(users))
		return err
	})
}

func setRoles(t *testing.T, st *store.Store, r chat.Room, roles ...string) {
	t.Helper()
	write(t, st, int64(r.ID), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.SetRoomRoles(ctx, r, roles)
		return err
	})
}

func say(t *testing.T, st *store.Store, m chat.Message) chat.Message {
	t.Helper()
	write(t, st, int64(m.Room), func(ctx context.Context, tx *store.Tx) (err error) {
		m, err = tx.AppendMessage(ctx, store.NewMessage{Message: m})
		return err
	})
	return m
}

func write(t testing.TB, st *store.Store, shard int64, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := st.Write(t.Context(), shard, fn); err != nil {
		t.Fatal(err)
	}
}

func idsOf(users []chat.User) []chat.UserID {
	ids := make([]chat.UserID, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return ids
}

func wantCode(t *testing.T, what string, err error, want chat.Code) {
	t.Helper()
	if got := chat.CodeOf(err); got != want {
		t.Fatalf("%s: code %q (%v), want %q", what, got, err, want)
	}
}

// eventually waits until cond holds, which must not take long.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for poll := time.NewTicker(time.Millisecond); !cond(); <-poll.C {
		if time.Now().After(deadline) {
			t.Fatalf("it never came about: %s", what)
		}
	}
}
