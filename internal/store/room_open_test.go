package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// opening is a room with its people and its first message.
func opening(app chat.App, xc string, people []chat.UserID) store.NewRoom {
	return store.NewRoom{
		Room: chat.Room{
			App: app.ID, XCID: xc, Type: chat.Group, Name: "Room", Color: "#123456", Tags: []string{"a", "b"},
			Photo: chat.Image{Thumbnail: "t", Fullsize: "f"},
		},
		People: people,
		Notice: store.NewMessage{FreshID: true, ByApp: true, Message: chat.Message{
			Sender: app.SystemUser, Type: chat.SystemMessage, LocalID: "opens " + xc, Body: "b", Action: "room/create",
		}},
	}
}

// rowsOf are the rows that a room has, but for its ids and names.
func rowsOf(t *testing.T, db *pgx.Conn, room chat.RoomID) string {
	t.Helper()
	var rows string
	err := db.QueryRow(t.Context(), `SELECT
		(SELECT (to_jsonb(r) - '{id,xc_room_id,changed}'::text[])::text || (r.changed > 0) FROM rooms r WHERE r.id = $1) ||
		(SELECT COALESCE(string_agg((to_jsonb(p) - 'room_id')::text, ',' ORDER BY p.user_id), '')
			FROM participants p WHERE p.room_id = $1) ||
		(SELECT string_agg((to_jsonb(m) - '{id,room_id,local_id,added}'::text[])::text || (m.added = r.changed), ',')
			FROM messages m JOIN rooms r ON r.id = m.room_id WHERE m.room_id = $1)`, room).Scan(&rows)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestOpenRoom leaves the rows, the answer and the event that the steps leave which it stands
// for.
func TestOpenRoom(t *testing.T) {
	o := storetest.Postgres(t)
	now := time.UnixMilli(1_700_000_000_000)
	st := storetest.Open(t, store.Options{DSN: o.DSN, Now: func() time.Time { return now }})
	var told follower
	st.Follow(&told)
	app := makeApp(t, st, "a")
	var people []chat.UserID
	for _, u := range makeUsers(t, st, app, "u", 3) {
		people = append(people, u.ID)
	}
	db, err := pgx.Connect(t.Context(), o.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })

	for _, tt := range []struct {
		name   string
		people []chat.UserID
		change func(*store.NewRoom)
	}{
		{"with people", []chat.UserID{people[2], people[0]}, func(*store.NewRoom) {}},
		{"with nobody", nil, func(*store.NewRoom) {}},
		{"a hidden message", people, func(n *store.NewRoom) { n.Notice.Hidden = true }},
		{"by one of them", people, func(n *store.NewRoom) { n.Notice.ByApp, n.Notice.Sender = false, people[1] }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			one := opening(app, tt.name, tt.people)
			tt.change(&one)
			steps := one
			steps.XCID += " in steps"
			steps.Notice.LocalID += " in steps"
			told.take()
			got, err := st.OpenRoom(t.Context(), 1, one)
			if err != nil {
				t.Fatal(err)
			}
			gotTold := told.take()
			var want chat.Room
			err = st.Write(t.Context(), 1, func(ctx context.Context, tx *store.Tx) (err error) {
				if want, err = tx.CreateRoom(ctx, steps.Room); err != nil {
					return err
				}
				if len(steps.People) > 0 {
					if _, err := tx.AddParticipants(ctx, want.ID, steps.People); err != nil {
						return err
					}
				}
				m := steps.Notice
				m.App, m.Room = app.ID, want.ID
				_, err = tx.AppendMessage(ctx, m)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			wantTold := told.take()
			if a, b := rowsOf(t, db, got.ID), rowsOf(t, db, want.ID); a != b {
				t.Errorf("at once it leaves\n%s\nin steps\n%s", a, b)
			}
			want.ID, want.XCID = got.ID, got.XCID
			if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); a != b {
				t.Errorf("at once it returns\n%s\nin steps\n%s", a, b)
			}
			if len(gotTold) != 1 || len(wantTold) != 1 {
				t.Fatalf("events: %d at once, %d in steps; want one", len(gotTold), len(wantTold))
			}
			a, b := *gotTold[0].(*chat.MessageSent), *wantTold[0].(*chat.MessageSent)
			if a.PeopleVersion != b.PeopleVersion || a.RoomUpdatedAt != b.RoomUpdatedAt || a.Message.Seq != b.Message.Seq ||
				a.Message.CreatedAt != b.Message.CreatedAt || a.Message.UpdatedAt != b.Message.UpdatedAt ||
				a.Place != (chat.Place{App: app.ID, Room: got.ID}) || a.Number == 0 || a.Message.Room != got.ID {
				t.Errorf("at once it tells\n%+v\nin steps\n%+v", a, b)
			}
		})
	}
}

// TestOpenRoomOnce: of many who make rooms of the same ids at once, on two nodes, one makes each.
func TestOpenRoomOnce(t *testing.T) {
	o := storetest.Postgres(t)
	nodes := []*store.Store{storetest.Open(t, o), storetest.Open(t, o)}
	app := makeApp(t, nodes[0], "a")
	var people []chat.UserID
	for _, u := range makeUsers(t, nodes[0], app, "u", 5) {
		people = append(people, u.ID)
	}
	const rooms = 30
	var made [rooms]atomic.Int64
	var all sync.WaitGroup
	for who := range 8 {
		all.Go(func() {
			for i := range rooms {
				n := opening(app, fmt.Sprint("room ", i), people)
				n.Notice.LocalID = fmt.Sprintf("message %d of %d", i, who)
				_, err := nodes[who%2].OpenRoom(t.Context(), int64(i), n)
				switch {
				case err == nil:
					made[i].Add(1)
				case !errors.Is(err, store.ErrRoomThere):
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i := range made {
		if n := made[i].Load(); n != 1 {
			t.Errorf("room %d was made %d times", i, n)
		}
	}
}

// TestAuthorOf: a sender who is known from earlier is refused once deleted, on whatever node,
// and so is one whose id has become another user's.
func TestAuthorOf(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		other := st
		if o.DSN != "" {
			other = storetest.Open(t, o)
		}
		app := makeApp(t, st, "a")
		users := makeUsers(t, st, app, "u", 2)
		room := makeRoom(t, st, app, "r")
		by, err := st.AuthorOf(t.Context(), app.ID, users[0].XCID, false)
		if err != nil || by.User != users[0].ID {
			t.Fatalf("%+v, %v", by, err)
		}
		n := 0
		send := func(by store.Author) error {
			n++
			m := chat.Message{App: app.ID, Room: room.ID, Sender: by.User, Type: chat.TextMessage, LocalID: fmt.Sprint("m", n)}
			_, err := st.AppendMessages(t.Context(), by, 1, []store.NewMessage{{Message: m, FreshID: true}})
			return err
		}
		if err := send(by); err != nil {
			t.Error(err)
		}
		if err := send(store.Author{User: users[1].ID, XCID: users[0].XCID}); chat.CodeOf(err) != chat.CodeNotFound {
			t.Errorf("in the name of another: %v, want %s", err, chat.CodeNotFound)
		}
		err = other.Write(t.Context(), 2, func(ctx context.Context, tx *store.Tx) error {
			_, _, _, err := tx.DeleteUser(ctx, app.ID, users[0].XCID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		known, err := st.AuthorOf(t.Context(), app.ID, users[0].XCID, false)
		if err == nil {
			err = send(known)
		}
		if chat.CodeOf(err) != chat.CodeNotFound {
			t.Errorf("in the name of one who is deleted: %v, want %s", err, chat.CodeNotFound)
		}
		if _, err := st.AuthorOf(t.Context(), app.ID, users[0].XCID, true); chat.CodeOf(err) != chat.CodeNotFound {
			t.Errorf("asked anew: %v, want %s", err, chat.CodeNotFound)
		}
	})
}

// follower keeps what it is told.
type follower struct {
	mu     sync.Mutex
	events []chat.Event
}

func (f *follower) Committed(events []chat.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, events...)
}

func (f *follower) Unsure(events []chat.Event) { f.Committed(events) }

// take returns what it was told and forgets it.
func (f *follower) take() []chat.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	events := f.events
	f.events = nil
	return events
}
