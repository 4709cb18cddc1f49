package store_test

import (
	"context"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

func ptr[T any](v T) *T { return &v }

func TestPutUser(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		now := int64(5000)
		o.Now = func() time.Time { return time.UnixMilli(now) }
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		made := makeUser(t, st, app, chat.UserUpdate{
			XCID: "u", Fullname: "Ann", Email: ptr("a@b.c"), Phone: ptr("+1"), Username: ptr("Ann"),
			PhotoThumbnail: ptr("t"), PhotoFullsize: ptr("f"), RoleCode: ptr("nurse"),
		})
		now = 1000 // devices take only what is newer, so a clock that goes back must not make it older
		changed := makeUser(t, st, app, chat.UserUpdate{XCID: "u", Fullname: "Bea", Phone: ptr("")})
		want := made
		want.Fullname, want.Phone, want.UpdatedAt = "Bea", "", made.UpdatedAt+1
		if changed != want {
			t.Errorf("after a change of two fields\n%+v\nwant\n%+v", changed, want)
		}
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.PutRole(ctx, app.ID, chat.RoleUpdate{Code: "nurse", Name: ptr("Nurse"), IconURL: ptr("i")})
			return err
		})
		want.Role = chat.Role{Code: "nurse", Name: "Nurse", IconURL: "i"}
		if got, err := st.User(t.Context(), app.ID, made.ID); err != nil || *got != want {
			t.Errorf("found\n%+v (%v)\nwant\n%+v", got, err, want)
		}
	})
}

func TestUsernames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app, other := makeApp(t, st, "a"), makeApp(t, st, "b")
		for _, tt := range []struct {
			app      chat.App
			xc, name string
			want     chat.Code
		}{
			{app, "u1", "Neo", ""},
			{app, "u2", "neo", chat.CodeInvalid},
			{app, "u2", "NEO", chat.CodeInvalid},
			{app, "u1", "nEo", ""},   // one's own
			{other, "u1", "neo", ""}, // another App's is another
			{app, "u2", "", ""},
			{app, "u3", "", ""}, // having none is nothing to share
			{app, "u2", "Çelik", ""},
			{app, "u3", "çelik", chat.CodeInvalid},
			{app, "u1", "", ""},
			{app, "u3", "neo", ""}, // free again
		} {
			err := st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.PutUser(ctx, tt.app.ID, chat.UserUpdate{XCID: tt.xc, Fullname: "U", Username: &tt.name})
				return err
			})
			if got := chat.CodeOf(err); got != tt.want {
				t.Errorf("%s of %s as %q: code %q (%v), want %q", tt.xc, tt.app.Name, tt.name, got, err, tt.want)
			}
		}
	})
}

func TestFindUsers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		u := makeUsers(t, st, app, "u", 3)
		for range 2 { // the second time from memory, in part
			ids, err := st.UserIDs(t.Context(), app.ID, []string{"u2", "none", "u0", "", "u2"})
			if err != nil || len(ids) != 2 || ids["u2"] != u[2].ID || ids["u0"] != u[0].ID {
				t.Errorf("ids: %v (%v)", ids, err)
			}
			users, err := st.Users(t.Context(), app.ID, []chat.UserID{u[1].ID, 1 << 30, u[0].ID, u[1].ID, app.SystemUser})
			if err != nil || len(users) != 5 || users[1] != nil {
				t.Fatalf("users: %v (%v)", users, err)
			}
			for i, want := range map[int]string{0: "u1", 2: "u0", 3: "u1", 4: ""} {
				if users[i] == nil || users[i].XCID != want {
					t.Errorf("user %d is %+v, want %q", i, users[i], want)
				}
			}
			for _, xc := range []string{"none", ""} {
				_, err := st.UserID(t.Context(), app.ID, xc)
				wantCode(t, "UserID", err, chat.CodeNotFound)
			}
			_, err = st.User(t.Context(), app.ID, 1<<30)
			wantCode(t, "User", err, chat.CodeNotFound)
		}
		none, err := st.Users(t.Context(), app.ID, nil)
		if err != nil || len(none) != 0 {
			t.Errorf("no users: %v (%v)", none, err)
		}
	})
}
