package store_test

import (
	"context"
	"reflect"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestListsShowEverything: rooms and messages are in lists as they are when they are read one by
// one, with all that they can have and with as little.
func TestListsShowEverything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		u := makeUsers(t, st, app, "u", 2)
		full := chat.Room{
			App: app.ID, XCID: "full", Type: chat.Transaction, Name: "Full", Photo: chat.Image{Thumbnail: "t", Fullsize: "f"},
			Color: "#fff", Tags: []string{"a", "b,"}, LockedAt: 7,
		}
		rooms := []chat.Room{full, {App: app.ID, XCID: "bare", Type: chat.Group}}
		for i := range rooms {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
				if rooms[i], err = tx.CreateRoom(ctx, rooms[i]); err == nil {
					rooms[i].LockedAt = full.LockedAt * int64(1-i)
					_, err = tx.UpdateRoom(ctx, rooms[i])
				}
				return err
			})
		}
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			r, err := tx.PersonalRoom(ctx, app.ID, chat.NewPair(u[0].ID, u[1].ID))
			rooms = append(rooms, r)
			return err
		})
		reference := chat.Reference{
			User: "1", XCUser: "x", Fullname: "F", Message: "2", LocalID: "l", Type: 1001, RoomID: "g1",
		}
		messages := []chat.Message{
			{
				Type: 3999, LocalID: "full", Sender: u[0].ID, Body: "b", Data: "d", FilterID: "f",
				Quote:   chat.Quote{Title: "t", Content: "c", ImageURL: "i", FileID: "f", FileType: "ft", VideoURL: "v"},
				ReplyTo: reference, Forward: reference, Action: chat.ActionAddParticipant,
				Target: chat.Target{User: u[1].ID, XCID: "x", Name: "n"},
			},
			{Type: chat.TextMessage, LocalID: "bare", Sender: u[1].ID},
			{Type: chat.TextMessage, LocalID: "personal", Sender: u[1].ID, Body: "hi"},
		}
		for i, r := range rooms {
			join(t, st, r, u...)
			messages[i].App, messages[i].Room = app.ID, r.ID
			say(t, st, messages[i])
		}
		list, _, err := st.RoomList(t.Context(), &u[0], nil, chat.Page{Limit: 10})
		if err != nil || len(list) != len(rooms) {
			t.Fatalf("%d rooms (%v), want %d", len(list), err, len(rooms))
		}
		for _, l := range list {
			room, _, err := st.RoomByIDFor(t.Context(), app.ID, l.Room.ID, u[0].ID)
			if err != nil || !reflect.DeepEqual(*l.Room, room) {
				t.Errorf("a room in the list (%v):\n%+v\nby itself\n%+v", err, *l.Room, room)
			}
			message, err := st.MessageByLocalID(t.Context(), app.ID, l.Message.LocalID)
			if err != nil || !reflect.DeepEqual(*l.Message, message) {
				t.Errorf("a message in the list (%v):\n%+v\nby itself\n%+v", err, *l.Message, message)
			}
			key := store.SizedKey{MessageKey: store.MessageKey{Room: room.ID, CreatedAt: message.CreatedAt}}
			byKey, err := st.MessagesByKey(t.Context(), app.ID, []store.SizedKey{key})
			if err != nil || len(byKey) != 1 || !reflect.DeepEqual(byKey[0], message) {
				t.Errorf("by its key (%v):\n%+v\nby itself\n%+v", err, byKey, message)
			}
		}
	})
}
