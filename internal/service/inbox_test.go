package service

import (
	"context"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/internal/view"
)

// TestUnreadUpToTheNewest: of a room in the list there is nothing that was said after what the
// list has as its newest message. What was said since comes later, one's own among that.
func TestUnreadUpToTheNewest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc := New(st, nil, Options{})
		app, err := svc.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		b := svc.Backend(app)
		var ana, bot chat.User
		for xc, u := range map[string]*chat.User{"ana": &ana, "bot": &bot} {
			if *u, err = b.PutUser(t.Context(), chat.UserUpdate{XCID: xc, Fullname: xc}); err != nil {
				t.Fatal(err)
			}
		}
		var room chat.Room
		write := func(do func(context.Context, *store.Tx) error) {
			t.Helper()
			if err := st.Write(t.Context(), int64(room.ID), do); err != nil {
				t.Fatal(err)
			}
		}
		write(func(ctx context.Context, tx *store.Tx) (err error) {
			room, err = tx.CreateRoom(ctx, chat.Room{App: app.ID, XCID: "r", Type: chat.Group, Name: "r"})
			return err
		})
		write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddParticipants(ctx, room.ID, []chat.UserID{ana.ID, bot.ID})
			return err
		})
		say := func(sender chat.User, localID string) (at int64) {
			t.Helper()
			write(func(ctx context.Context, tx *store.Tx) error {
				m, err := tx.AppendMessage(ctx, store.NewMessage{Message: chat.Message{
					App: app.ID, Room: room.ID, Sender: sender.ID, Type: 1001, LocalID: localID, Body: "text",
				}})
				at = m.CreatedAt
				return err
			})
			return at
		}

		me := svc.Member(chat.Caller{App: app, User: ana.ID})
		one := say(bot, "one")
		say(bot, "two")
		lines, _, err := st.RoomList(t.Context(), &ana, nil, chat.Page{Limit: 10})
		if err != nil || len(lines) != 1 {
			t.Fatalf("%d rooms: %v", len(lines), err)
		}
		say(ana, "three")
		say(bot, "four")
		lens, err := view.Open(t.Context(), st, app.ID, ana.ID, &room)
		if err != nil {
			t.Fatal(err)
		}
		for _, limit := range []int{500, 1} {
			keys, err := me.unreadOf(t.Context(), lens, lines[0], limit)
			if err != nil {
				t.Fatal(err)
			}
			var times []int64
			for _, k := range keys {
				times = append(times, k.CreatedAt)
			}
			if !slices.Equal(times, []int64{one}) {
				t.Errorf("up to %d unread messages: those of %v, want that of %d alone", limit, times, one)
			}
		}
	})
}
