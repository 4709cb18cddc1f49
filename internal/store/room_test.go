package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

func TestRoomIsKeptAsItIs(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		now := int64(5000)
		o.Now = func() time.Time { return time.UnixMilli(now) }
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		want := chat.Room{
			App: app.ID, XCID: "r", Type: chat.Transaction, Name: "ü", Photo: chat.Image{Thumbnail: "t", Fullsize: "f"},
			Color: "red", Tags: []string{"x", `"y"`},
		}
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
			want, err = tx.CreateRoom(ctx, want)
			return err
		})
		wantRoom := func() {
			t.Helper()
			ref := chat.RoomRef{ID: want.ID, Type: want.Type}
			byID, err := st.RoomByRef(t.Context(), app.ID, ref)
			if err != nil || fmt.Sprintf("%+v", byID) != fmt.Sprintf("%+v", want) {
				t.Errorf("by id\n%+v (%v)\nwant\n%+v", byID, err, want)
			}
			for range 2 {
				got, err := st.Room(t.Context(), app.ID, "r")
				if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
					t.Errorf("by the customer's id\n%+v (%v)\nwant\n%+v", got, err, want)
				}
			}
		}
		wantRoom()
		now = 1000
		for range 2 {
			before := want.UpdatedAt
			want.Name, want.Tags, want.LockedAt = want.Name+"!", nil, want.LockedAt+1
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
				want, err = tx.UpdateRoom(ctx, want)
				return err
			})
			if want.UpdatedAt <= before {
				t.Errorf("updated at %d, then at %d", before, want.UpdatedAt)
			}
			wantRoom()
		}

		for _, ref := range []chat.RoomRef{
			{ID: want.ID, Type: chat.Group},
			{ID: want.ID + 1, Type: want.Type},
			{Type: chat.Personal, Pair: chat.Pair{A: 1, B: 2}},
		} {
			_, err := st.RoomByRef(t.Context(), app.ID, ref)
			wantCode(t, fmt.Sprintf("room %+v", ref), err, chat.CodeNotFound)
		}
		for _, xc := range []string{"none", ""} {
			_, err := st.Room(t.Context(), app.ID, xc)
			wantCode(t, "room "+xc, err, chat.CodeNotFound)
		}
		want.DeletedAt = 7
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.UpdateRoom(ctx, want)
			return err
		})
		_, err := st.Room(t.Context(), app.ID, "r")
		wantCode(t, "a deleted room", err, chat.CodeNotFound)
		_, err = st.RoomByRef(t.Context(), app.ID, chat.RoomRef{ID: want.ID, Type: want.Type})
		wantCode(t, "a deleted room", err, chat.CodeNotFound)
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			if _, found, err := tx.RoomForUpdate(ctx, app.ID, "r"); err != nil || !found {
				t.Errorf("a deleted room for who wants it back: %t (%v)", found, err)
			}
			return nil
		})
	})
}

func TestSetRoomRoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		r := makeRoom(t, st, app, "r")
		for _, tt := range []struct {
			roles   []string
			changed bool
		}{
			{nil, false},
			{[]string{"x", "y"}, true},
			{[]string{"y", "x"}, false},
			{[]string{"y", "z"}, true},
			{[]string{"y"}, true},
			{nil, true},
			{[]string{}, false},
		} {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				changed, err := tx.SetRoomRoles(ctx, r, tt.roles)
				if changed != tt.changed {
					t.Errorf("roles %v: changed is %t, want %t", tt.roles, changed, tt.changed)
				}
				return err
			})
		}
	})
}

func TestHealth(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := st.Health(t.Context()); err != nil {
				t.Errorf("a healthy database: %v", err)
			}
		}
		app := makeApp(t, st, "a")
		_ = st.Write(t.Context(), 0, breakConstraint) // what a rule refuses is no illness
		if err := st.Health(t.Context()); err != nil {
			t.Errorf("after a write that a rule refused: %v", err)
		}
		makeRoom(t, st, app, "r")
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if err := st.Health(t.Context()); err == nil {
			t.Error("a closed store calls itself healthy")
		}
	})
}
