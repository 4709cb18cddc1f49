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

// wantPeople reads the room in pages of several sizes and wants these users, in this
// order, every time.
func wantPeople(t *testing.T, st *store.Store, r chat.Room, want ...string) {
	t.Helper()
	for _, limit := range []int{1000, max(1, len(want)), max(1, len(want)-1), 7} {
		var got []string
		for page := (chat.Page{Limit: limit}); ; page.Offset += limit {
			p, err := st.Participants(t.Context(), r, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range p.Users {
				got = append(got, u.XCID)
			}
			if p.Total != len(want) {
				t.Fatalf("%d in all, by pages of %d; want %d", p.Total, limit, len(want))
			}
			if page.Offset+limit >= p.Total {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("in pages of %d:\n%v\nwant\n%v", limit, got, want)
		}
	}
}

// leave takes users out of a room by name and wants those to be concerned.
func leave(t *testing.T, st *store.Store, r chat.Room, concerned []chat.User, users ...chat.User) {
	t.Helper()
	write(t, st, int64(r.ID), func(ctx context.Context, tx *store.Tx) error {
		gone, err := tx.RemoveParticipants(ctx, r.ID, idsOf(users))
		if err == nil && !slices.Equal(gone, idsOf(concerned)) {
			t.Errorf("removed %v, want %v", gone, idsOf(concerned))
		}
		return err
	})
}

func TestParticipantsOrder(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		nurse, doctor := "nurse", "doctor"
		// Those of roles come first by id, so that only the rule can put them last.
		n0 := makeUser(t, st, app, chat.UserUpdate{XCID: "n0", RoleCode: &nurse})
		d0 := makeUser(t, st, app, chat.UserUpdate{XCID: "d0", RoleCode: &doctor})
		n1 := makeUser(t, st, app, chat.UserUpdate{XCID: "n1", RoleCode: &nurse})
		u := makeUsers(t, st, app, "u", 4)
		r := makeRoom(t, st, app, "r")
		wantPeople(t, st, r)

		for range 5 { // the numbers of those who join outgrow the ids of users
			join(t, st, r, u[2], u[0])
		}
		join(t, st, r, u[0], u[3], u[2])
		wantPeople(t, st, r, "u2", "u0", "u3")
		setRoles(t, st, r, nurse, doctor, "held by nobody")
		wantPeople(t, st, r, "u2", "u0", "u3", "n0", "d0", "n1")

		// By name and by role is once, in the place of the name.
		join(t, st, r, d0, u[1])
		wantPeople(t, st, r, "u2", "u0", "u3", "d0", "u1", "n0", "n1")
		leave(t, st, r, []chat.User{u[2]}, n1, u[2])
		wantPeople(t, st, r, "u0", "u3", "d0", "u1", "n0", "n1")
		leave(t, st, r, []chat.User{d0}, d0)
		wantPeople(t, st, r, "u0", "u3", "u1", "n0", "d0", "n1")
		join(t, st, r, u[2]) // who comes back comes last
		wantPeople(t, st, r, "u0", "u3", "u1", "u2", "n0", "d0", "n1")

		// Roles are rules, not lists: whoever gets or loses one is in or out at once.
		setRoles(t, st, r, doctor)
		wantPeople(t, st, r, "u0", "u3", "u1", "u2", "d0")
		makeUser(t, st, app, chat.UserUpdate{XCID: "n0", RoleCode: &doctor})
		makeUser(t, st, app, chat.UserUpdate{XCID: "u3", RoleCode: &doctor})
		wantPeople(t, st, r, "u0", "u3", "u1", "u2", "n0", "d0")
		none := ""
		makeUser(t, st, app, chat.UserUpdate{XCID: "d0", RoleCode: &none})
		wantPeople(t, st, r, "u0", "u3", "u1", "u2", "n0")
		setRoles(t, st, r)
		wantPeople(t, st, r, "u0", "u3", "u1", "u2")

		// What somebody said there makes them no participant.
		say(t, st, chat.Message{App: app.ID, Room: r.ID, Sender: n1.ID, LocalID: "m"})
		wantPeople(t, st, r, "u0", "u3", "u1", "u2")
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error { return tx.RemoveAllParticipants(ctx, r.ID) })
		wantPeople(t, st, r)
		join(t, st, r, n1, n0)
		wantPeople(t, st, r, "n1", "n0")
		storetest.Audit(t, o)
	})
}

// TestManyParticipants: rooms too large to be kept in memory follow the same rules.
func TestManyParticipants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		r := makeRoom(t, st, app, "r")
		const named, byRole = 250, 150
		var users []chat.User
		var want, wantByRole []string
		nurse := "nurse"
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			users, want, wantByRole = nil, nil, nil
			for i := range named + byRole {
				up := chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U"}
				if i >= named {
					up.RoleCode = &nurse
				}
				u, err := tx.PutUser(ctx, app.ID, up)
				if err != nil {
					return err
				}
				if i < named {
					users = append(users, u)
				} else {
					wantByRole = append(wantByRole, u.XCID)
				}
			}
			slices.Reverse(users)
			for _, u := range users {
				want = append(want, u.XCID)
			}
			if _, err := tx.SetRoomRoles(ctx, r, []string{nurse}); err != nil {
				return err
			}
			_, err := tx.AddParticipants(ctx, r.ID, idsOf(users))
			return err
		})
		wantPeople(t, st, r, append(want, wantByRole...)...)
		leave(t, st, r, users[:100], users[:100]...)
		wantPeople(t, st, r, append(want[100:], wantByRole...)...)
	})
}

func TestAddedParticipants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		u := makeUsers(t, st, app, "u", 3)
		r := makeRoom(t, st, app, "r")
		for _, tt := range []struct{ add, added []chat.User }{
			{u[:2], u[:2]},
			{u[:2], nil},
			{u, u[2:]},
			{nil, nil},
		} {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				got, err := tx.AddParticipants(ctx, r.ID, idsOf(tt.add))
				if !slices.Equal(got, idsOf(tt.added)) {
					t.Errorf("adding %v added %v, want %v", idsOf(tt.add), got, idsOf(tt.added))
				}
				return err
			})
		}
	})
}

func TestAdmins(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		u := makeUsers(t, st, app, "u", 5)
		r := makeRoom(t, st, app, "r")
		join(t, st, r, u[4], u[3], u[2], u[1], u[0])
		// No call makes admins yet.
		storetest.Exec(t, o, fmt.Sprintf(
			"UPDATE participants SET is_admin = TRUE WHERE user_id IN (%d, %d)", u[1].ID, u[3].ID))
		for _, limit := range []int{100, 5, 2} {
			p, err := st.Participants(t.Context(), r, chat.Page{Limit: limit})
			if err != nil || !slices.Equal(p.Admin, []chat.UserID{u[3].ID, u[1].ID}) {
				t.Errorf("admins beside a page of %d: %v (%v)", limit, p.Admin, err)
			}
		}
		leave(t, st, r, u[1:2], u[1])
		join(t, st, r, u[1])
		p, err := st.Participants(t.Context(), r, chat.Page{Limit: 100})
		if err != nil || !slices.Equal(p.Admin, []chat.UserID{u[3].ID}) {
			t.Errorf("admins after one has left and come back: %v (%v)", p.Admin, err)
		}
	})
}

func TestInByRole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		nurse, doctor := "nurse", "doctor"
		n := makeUser(t, st, app, chat.UserUpdate{XCID: "n", RoleCode: &nurse})
		d := makeUser(t, st, app, chat.UserUpdate{XCID: "d", RoleCode: &doctor})
		u := makeUser(t, st, app, chat.UserUpdate{XCID: "u"})
		r := makeRoom(t, st, app, "r")
		setRoles(t, st, r, nurse, "")
		join(t, st, r, u, n)
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			in, err := tx.InByRole(ctx, r.ID, idsOf([]chat.User{n, d, u}))
			if len(in) != 1 || !in[n.ID] {
				t.Errorf("in by role: %v, want %d", in, n.ID)
			}
			return err
		})
	})
}
