package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

func TestRoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		put := func(up chat.RoleUpdate) (r chat.Role) {
			t.Helper()
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
				r, err = tx.PutRole(ctx, app.ID, up)
				return err
			})
			return r
		}
		want := []chat.Role{}
		for i := range 7 {
			code := fmt.Sprint("role", (i*3)%7)
			r := put(chat.RoleUpdate{Code: code, Name: ptr("n" + code), IconURL: ptr("i" + code)})
			want = append(want, r)
			if wantRole := (chat.Role{Code: code, Name: "n" + code, IconURL: "i" + code}); r != wantRole {
				t.Errorf("put %+v, want %+v", r, wantRole)
			}
		}
		slices.SortFunc(want, func(a, b chat.Role) int { return int(a.Code[4]) - int(b.Code[4]) })
		for limit := range 8 {
			limit++
			var got []chat.Role
			for after := ""; ; {
				roles, err := st.Roles(t.Context(), app.ID, after, limit)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, roles...)
				if len(roles) < limit {
					break
				}
				after = roles[len(roles)-1].Code
			}
			if !slices.Equal(got, want) {
				t.Errorf("in pages of %d: %v, want %v", limit, got, want)
			}
		}
		if got := put(chat.RoleUpdate{Code: "role1", Name: ptr("")}); got != (chat.Role{Code: "role1", IconURL: "irole1"}) {
			t.Errorf("after its name was taken away: %+v", got)
		}
	})
}

func TestContacts(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		u := makeUsers(t, st, app, "u", 3)
		pair := func(a, b int) store.Contact { return store.Contact{Owner: u[a].ID, User: u[b].ID} }
		for i, tt := range []struct {
			add, remove    []store.Contact
			added, removed int64
			left           int
		}{
			{[]store.Contact{pair(0, 1), pair(0, 2), pair(0, 1)}, nil, 2, 0, 2},
			{[]store.Contact{pair(0, 1), pair(1, 0)}, nil, 1, 0, 3}, // it says nothing of the reverse
			{nil, []store.Contact{pair(2, 0), pair(0, 2)}, 0, 1, 2},
			{[]store.Contact{pair(2, 1)}, []store.Contact{pair(2, 1)}, 1, 1, 2}, // deletions come last
			{nil, nil, 0, 0, 2},
		} {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				added, removed, err := tx.SyncContacts(ctx, tt.add, tt.remove)
				if added != tt.added || removed != tt.removed {
					t.Errorf("step %d added %d and removed %d, want %d and %d", i, added, removed, tt.added, tt.removed)
				}
				return err
			})
			if left := storetest.Query(t, o, "SELECT CAST(owner_id AS TEXT) FROM contacts"); len(left) != tt.left {
				t.Errorf("step %d left %d contacts, want %d", i, len(left), tt.left)
			}
		}
	})
}
