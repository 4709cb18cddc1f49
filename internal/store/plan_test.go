package store

import (
	"context"
	"fmt"
	"testing"

	"parlor/internal/chat"
)

// TestHotPathsUseIndexes asks the database how it would run every statement of the hot
// paths, as the store really sends it. None may walk a table that grows with the
// installation, nor all of an App's rows in one.
func TestHotPathsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		plans := plansOf(t, o, sp)
		for _, path := range w.paths(st) {
			t.Run(path.name, func(t *testing.T) {
				path.look(t, sp, plans)
			})
		}
	})
}

// planWorld is enough data for planners to prefer indexes where they can.
type planWorld struct {
	app     chat.App
	viewer  *chat.User
	users   []chat.UserID
	rooms   []chat.Room
	pair    chat.Room
	localID string
	message chat.MessageID
	keyID   string
}

func fillForPlans(t *testing.T, st *Store) *planWorld {
	t.Helper()
	const users, rooms, perRoom, parts = 1000, 400, 4, 4
	w := &planWorld{app: mustApp(t, st), keyID: "key7"}
	for part := range parts { // no commit may take too long
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i := part * users / parts; i < (part+1)*users/parts; i++ {
				role := fmt.Sprint("role", i%500)
				u, err := tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U", RoleCode: &role})
				if err != nil {
					return err
				}
				w.users = append(w.users, u.ID)
			}
			return nil
		})
	}
	for part := range parts {
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for i := part * rooms / parts; i < (part+1)*rooms/parts; i++ {
				r, err := tx.CreateRoom(ctx, chat.Room{App: w.app.ID, XCID: fmt.Sprint("r", i), Type: chat.Group})
				if err != nil {
					return err
				}
				w.rooms = append(w.rooms, r)
				if _, err := tx.SetRoomRoles(ctx, r, []string{fmt.Sprint("role", i%500), fmt.Sprint("other", i)}); err != nil {
					return err
				}
				var people []chat.UserID
				for n := range perRoom {
					people = append(people, w.users[(i*7+n*301)%users])
				}
				if _, err := tx.AddParticipants(ctx, r.ID, people); err != nil {
					return err
				}
				for n := range perRoom {
					w.localID = fmt.Sprintf("local %d %d", i, n)
					m := chat.Message{App: w.app.ID, Room: r.ID, Sender: people[0], Type: chat.TextMessage, LocalID: w.localID}
					stored, err := tx.AppendMessage(ctx, NewMessage{Message: m})
					if err != nil {
						return err
					}
					w.message = stored.ID
				}
			}
			return nil
		})
	}
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		var add []Contact
		for i := range w.users[1:] {
			add = append(add, Contact{w.users[i], w.users[i+1]})
		}
		if _, _, err := tx.SyncContacts(ctx, add, nil); err != nil {
			return err
		}
		var err error
		w.pair, err = tx.PersonalRoom(ctx, w.app.ID, chat.NewPair(w.users[0], w.users[1]))
		return err
	})
	for i := range 20 {
		k := chat.Key{ID: fmt.Sprint("key", i), App: w.app.ID, Kind: chat.ServerKey, Salt: []byte("s"), Hash: []byte("h")}
		if err := st.CreateKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	viewer, err := st.User(t.Context(), w.app.ID, w.users[7])
	if err != nil {
		t.Fatal(err)
	}
	w.viewer = viewer
	return w
}

type hotPath struct {
	name string
	run  func(context.Context) error
}

func (w *planWorld) paths(st *Store) []hotPath {
	app, room := w.app.ID, w.rooms[7]
	page := chat.Page{Limit: 50}
	small := chat.Page{Limit: 1, Offset: 1}
	inTx := func(fn func(context.Context, *Tx) error) func(context.Context) error {
		return func(ctx context.Context) error { return st.Write(ctx, 0, fn) }
	}
	return []hotPath{
		{"key by id", func(ctx context.Context) error { _, err := st.Key(ctx, w.keyID); return err }},
		{"app by id", func(ctx context.Context) error { _, err := st.AppByID(ctx, app); return err }},
		{"user by xc id", func(ctx context.Context) error { _, err := st.UserID(ctx, app, "u3"); return err }},
		{"users by xc ids", func(ctx context.Context) error {
			_, err := st.UserIDs(ctx, app, []string{"u3", "u4", "u5", "none"})
			return err
		}},
		{"users by ids", func(ctx context.Context) error { _, err := st.Users(ctx, app, w.users[:20]); return err }},
		{"room by xc id", func(ctx context.Context) error { _, err := st.Room(ctx, app, room.XCID); return err }},
		{"room by its own id", func(ctx context.Context) error {
			_, err := st.RoomByRef(ctx, app, chat.RoomRef{ID: room.ID, Type: room.Type})
			return err
		}},
		{"personal room", func(ctx context.Context) error {
			_, err := st.RoomByRef(ctx, app, chat.RoomRef{Type: chat.Personal, Pair: w.pair.Pair})
			return err
		}},
		{"participants", func(ctx context.Context) error { _, err := st.Participants(ctx, room, page); return err }},
		{"a page of participants", func(ctx context.Context) error {
			_, err := st.Participants(ctx, room, small)
			return err
		}},
		{"room list", func(ctx context.Context) error { _, _, err := st.RoomList(ctx, w.viewer, nil, page); return err }},
		{"room list in parts", func(ctx context.Context) error {
			st.cache.enabled = true // as where one process writes; its tables stay empty
			defer func() { st.cache.enabled = false }()
			_, _, err := st.RoomList(ctx, w.viewer, nil, page)
			return err
		}},
		{"live user by xc id", func(ctx context.Context) error { _, err := st.UserByXCID(ctx, app, "u3"); return err }},
		{"room list with a filter", func(ctx context.Context) error {
			_, _, err := st.RoomList(ctx, w.viewer, []string{"r1", room.XCID, "none"}, page)
			return err
		}},
		{"roles", func(ctx context.Context) error { _, err := st.Roles(ctx, app, "a", 100); return err }},
		{"put a user", inTx(func(ctx context.Context, tx *Tx) error {
			name, role := "someone", "role3"
			_, err := tx.PutUser(ctx, app, chat.UserUpdate{XCID: "u3", Fullname: "U", Username: &name, RoleCode: &role})
			return err
		})},
		{"put a role", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.PutRole(ctx, app, chat.RoleUpdate{Code: "role3"})
			return err
		})},
		{"a message by its localID", inTx(func(ctx context.Context, tx *Tx) error {
			_, found, err := tx.MessageByLocalID(ctx, app, w.localID)
			if err == nil && !found {
				err = fmt.Errorf("there is no message %q", w.localID)
			}
			return err
		})},
		{"append a message", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.AppendMessage(ctx, NewMessage{
				Message: chat.Message{App: app, Room: room.ID, Sender: w.users[9], LocalID: "new"},
			})
			return err
		})},
		{"open a room", inTx(func(ctx context.Context, tx *Tx) error {
			if _, _, err := tx.RoomForUpdate(ctx, app, "new"); err != nil {
				return err
			}
			r, err := tx.CreateRoom(ctx, chat.Room{App: app, XCID: "new", Type: chat.Group})
			if err != nil {
				return err
			}
			if _, err := tx.SetRoomRoles(ctx, r, []string{"role3"}); err != nil {
				return err
			}
			_, err = tx.AddParticipants(ctx, r.ID, w.users[:3])
			return err
		})},
		{"the author of a message", func(ctx context.Context) error {
			by, err := st.AuthorOf(ctx, app, "u3", true)
			if err == nil {
				m := chat.Message{App: app, Room: room.ID, Sender: by.User, LocalID: "in a name"}
				_, err = st.AppendMessages(ctx, by, 0, []NewMessage{{Message: m}})
			}
			return err
		}},
		{"users and rooms by xc ids", func(ctx context.Context) error {
			if _, err := st.UsersByXCID(ctx, app, []string{"u3", "u4", "none"}); err != nil {
				return err
			}
			_, err := st.roomIDs(ctx, app, []string{"r3", "none"})
			return err
		}},
		{"open a room at once", func(ctx context.Context) error {
			if !st.OpensAtOnce() {
				_, err := st.UserIDs(ctx, app, []string{"u3"})
				return err
			}
			_, err := st.OpenRoom(ctx, 0, NewRoom{
				Room: chat.Room{App: app, XCID: "at once", Type: chat.Group}, People: w.users[:3],
				Notice: NewMessage{Message: chat.Message{Sender: w.app.SystemUser, LocalID: "opened"}, FreshID: true, ByApp: true},
			})
			return err
		}},
		{"change a room", inTx(func(ctx context.Context, tx *Tx) error {
			r, _, err := tx.RoomForUpdate(ctx, app, room.XCID)
			if err != nil {
				return err
			}
			if _, err := tx.UpdateRoom(ctx, r); err != nil {
				return err
			}
			_, err = tx.SetRoomRoles(ctx, r, []string{"role3"})
			return err
		})},
		{"write to somebody", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.PersonalRoom(ctx, app, chat.NewPair(w.users[0], w.users[2]))
			return err
		})},
		{"change participants", inTx(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.AddParticipants(ctx, room.ID, w.users[:5]); err != nil {
				return err
			}
			if _, err := tx.InByRole(ctx, room.ID, w.users[:5]); err != nil {
				return err
			}
			if _, err := tx.RemoveParticipants(ctx, room.ID, w.users[:5]); err != nil {
				return err
			}
			return tx.RemoveAllParticipants(ctx, room.ID)
		})},
		{"sync contacts", inTx(func(ctx context.Context, tx *Tx) error {
			_, _, err := tx.SyncContacts(ctx, []Contact{{w.users[0], w.users[9]}}, []Contact{{w.users[1], w.users[2]}})
			return err
		})},
	}
}
