package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// wantList reads a user's list in pages of several sizes and wants these lines: room and
// unread count.
func wantList(t *testing.T, st *store.Store, app chat.App, u chat.User, only []string, want ...string) {
	t.Helper()
	viewer, err := st.User(t.Context(), app.ID, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{100, max(1, len(want)), 1} {
		var got []string
		for page := (chat.Page{Limit: limit}); ; page.Offset += limit {
			list, more, err := st.RoomList(t.Context(), viewer, only, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, sum := range list {
				got = append(got, fmt.Sprintf("%s %d %s", sum.Room.XCID, sum.Unread, sum.Message.LocalID))
			}
			if !more {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s in pages of %d (only %v):\n%v\nwant\n%v", u.XCID, limit, only, got, want)
		}
	}
}

func TestRoomList(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		now := int64(1000)
		o.Now = func() time.Time { return time.UnixMilli(now) }
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		nurse := "nurse"
		u := makeUser(t, st, app, chat.UserUpdate{XCID: "u", RoleCode: &nurse})
		v := makeUser(t, st, app, chat.UserUpdate{XCID: "v"})
		a, b, c, d := makeRoom(t, st, app, "a"), makeRoom(t, st, app, "b"),
			makeRoom(t, st, app, "c"), makeRoom(t, st, app, "d")
		join(t, st, a, u, v)
		join(t, st, b, v, u)
		join(t, st, d, v)
		setRoles(t, st, c, nurse)
		setRoles(t, st, b, nurse) // u is in b by name and by role, and yet once in the list
		wantList(t, st, app, u, nil)

		n := 0
		speak := func(r chat.Room, sender chat.User, hidden bool) {
			t.Helper()
			n++
			say(t, st, chat.Message{App: app.ID, Room: r.ID, Sender: sender.ID, LocalID: fmt.Sprint("m", n), Hidden: hidden})
		}
		speak(a, v, false) // m1
		speak(b, v, false) // m2, at the same time: then the younger room comes first
		wantList(t, st, app, u, nil, "b 1 m2", "a 1 m1")
		now++
		speak(a, u, false) // m3, one's own
		wantList(t, st, app, u, nil, "a 1 m3", "b 1 m2")
		wantList(t, st, app, v, nil, "a 1 m3", "b 0 m2")
		now++
		speak(b, v, true) // m4 moves nothing
		speak(c, v, true) // m5 is not to be seen, and so neither is its room
		wantList(t, st, app, u, nil, "a 1 m3", "b 1 m2")
		speak(c, v, false) // m6
		speak(d, v, false) // m7, in a room that u is not in
		wantList(t, st, app, u, nil, "c 1 m6", "a 1 m3", "b 1 m2")
		now -= 500
		speak(b, u, false) // m8: the clock goes back, the list does not
		wantList(t, st, app, u, nil, "c 1 m6", "b 1 m8", "a 1 m3")
		wantList(t, st, app, u, []string{"b", "none", "d", "c"}, "c 1 m6", "b 1 m8")
		wantList(t, st, app, u, []string{"none"})

		// Who leaves and comes back has lost nothing of their own.
		leave(t, st, a, []chat.User{u}, u)
		wantList(t, st, app, u, nil, "c 1 m6", "b 1 m8")
		speak(a, u, false) // m9, from outside
		join(t, st, a, u)
		wantList(t, st, app, u, nil, "c 1 m6", "b 1 m8", "a 1 m9")

		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			c.DeletedAt = now
			_, err := tx.UpdateRoom(ctx, c)
			return err
		})
		wantList(t, st, app, u, nil, "b 1 m8", "a 1 m9")
		storetest.Audit(t, o)
	})
}

func TestPersonalRooms(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		u := makeUsers(t, st, app, "u", 2)
		open := func(a, b chat.User) (r chat.Room) {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
				r, err = tx.PersonalRoom(ctx, app.ID, chat.NewPair(a.ID, b.ID))
				return err
			})
			return r
		}
		both, self := open(u[1], u[0]), open(u[0], u[0])
		if again := open(u[0], u[1]); again.ID != both.ID || both.ID == self.ID {
			t.Errorf("rooms of the two: %d and %d; of one: %d", both.ID, again.ID, self.ID)
		}
		say(t, st, chat.Message{App: app.ID, Room: both.ID, Sender: u[1].ID, LocalID: "hi"})
		say(t, st, chat.Message{App: app.ID, Room: self.ID, Sender: u[0].ID, LocalID: "note"})
		list, _, err := st.RoomList(t.Context(), &u[0], nil, chat.Page{Limit: 10})
		if err != nil || len(list) != 2 {
			t.Fatalf("%d rooms (%v), want 2", len(list), err)
		}
		for _, sum := range list {
			partner, unread := u[1].XCID, int64(1)
			if sum.Room.ID == self.ID {
				partner, unread = u[0].XCID, 0
			}
			if sum.Partner.XCID != partner || sum.Unread != unread {
				t.Errorf("room %s: with %s and %d unread; want %s and %d",
					sum.Room.PublicID(), sum.Partner.XCID, sum.Unread, partner, unread)
			}
		}
		storetest.Audit(t, o)
	})
}
