package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"parlor/internal/chat"
)

// TestCacheKeepsNothingThatChangedMeanwhile lets each kind of read be overtaken by each
// kind of change: after every statement of the read in turn, the change is made and
// acknowledged before the read goes on. What the read then says may be old; what it
// leaves in the cache must not be, for the next read has to show the change.
func TestCacheKeepsNothingThatChangedMeanwhile(t *testing.T) {
	st, sp := openSpied(t, Options{Path: filepath.Join(t.TempDir(), "parlor.db")}, false)
	w := fillForCache(t, st)
	for readName, read := range w.reads(st) {
		for changeName, change := range w.changes() {
			t.Run(readName+" overtaken by "+changeName, func(t *testing.T) {
				for at := 1; ; at++ {
					w.changeEverything(t, st) // whatever was cached is old
					mustWrite(t, st, change)
					before := read(t)
					w.changeEverything(t, st)

					statements := 0
					sp.onRead = func() {
						if statements++; statements == at {
							mustWrite(t, st, change)
						}
					}
					read(t)
					sp.onRead = nil
					if statements < at {
						return
					}
					warm := read(t)
					fresh := w.cold(t, st, read)
					if warm != fresh {
						t.Fatalf("changed after statement %d of the read; it then says\n%s\nthe database has\n%s\n(before it was %s)",
							at, warm, fresh, before)
					}
				}
			})
		}
	}
}

// cacheWorld is one room with people in it by name and by role.
type cacheWorld struct {
	app    chat.App
	room   chat.Room
	viewer chat.UserID
	other  chat.UserID
	n      int // makes every change another one
}

func fillForCache(t *testing.T, st *Store) *cacheWorld {
	t.Helper()
	w := &cacheWorld{app: mustApp(t, st)}
	role := "nurse"
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		viewer, err := tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: "viewer", Fullname: "v", RoleCode: &role})
		if err != nil {
			return err
		}
		other, err := tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: "other", Fullname: "o"})
		if err != nil {
			return err
		}
		w.viewer, w.other = viewer.ID, other.ID
		w.room, err = tx.CreateRoom(ctx, chat.Room{App: w.app.ID, XCID: "r", Type: chat.Group, Name: "r"})
		if err != nil {
			return err
		}
		if _, err := tx.SetRoomRoles(ctx, w.room, []string{role}); err != nil {
			return err
		}
		_, err = tx.AppendMessage(ctx, NewMessage{Message: w.message()})
		return err
	})
	return w
}

func (w *cacheWorld) message() chat.Message {
	w.n++
	return chat.Message{
		App: w.app.ID, Room: w.room.ID, Sender: w.other, LocalID: fmt.Sprint("local", w.n), Type: chat.TextMessage,
	}
}

// reads are the questions that the cache helps to answer, each as a text.
func (w *cacheWorld) reads(st *Store) map[string]func(*testing.T) string {
	ask := func(question func(context.Context) (any, error)) func(*testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			answer, err := question(t.Context())
			if err != nil && chat.CodeOf(err) != chat.CodeNotFound {
				t.Fatal(err)
			}
			return fmt.Sprint(answer, chat.CodeOf(err))
		}
	}
	page := chat.Page{Limit: 10}
	return map[string]func(*testing.T) string{
		"a user": ask(func(ctx context.Context) (any, error) {
			u, err := st.User(ctx, w.app.ID, w.viewer)
			return *u, err
		}),
		"a room": ask(func(ctx context.Context) (any, error) {
			r, err := st.Room(ctx, w.app.ID, "r")
			return fmt.Sprintf("%+v", r), err
		}),
		"participants": ask(func(ctx context.Context) (any, error) {
			p, err := st.Participants(ctx, w.room, page)
			names := []string{}
			for _, u := range p.Users {
				names = append(names, u.XCID, u.Fullname, u.Role.Code, u.Role.Name)
			}
			return fmt.Sprint(names, p.Total, p.Admin), err
		}),
		"a room list": ask(func(ctx context.Context) (any, error) {
			viewer, err := st.User(ctx, w.app.ID, w.viewer)
			if err != nil {
				return nil, err
			}
			list, more, err := st.RoomList(ctx, viewer, nil, page)
			lines := []string{}
			for _, sum := range list {
				lines = append(lines, fmt.Sprint(
					sum.Room.Name, sum.Room.LockedAt, sum.Message.LocalID, sum.Sender.Fullname, sum.Unread,
				))
			}
			return fmt.Sprint(lines, more), err
		}),
	}
}

// changes are all kinds of writes to what the reads show.
func (w *cacheWorld) changes() map[string]func(context.Context, *Tx) error {
	put := func(xc string, role *string) func(context.Context, *Tx) error {
		return func(ctx context.Context, tx *Tx) error {
			w.n++
			_, err := tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: xc, Fullname: fmt.Sprint(xc, w.n), RoleCode: role})
			return err
		}
	}
	// Back and forth, so that each call changes something.
	toggle := func(role string) func(context.Context, *Tx) error {
		return func(ctx context.Context, tx *Tx) error {
			now := []string{"", role}[w.n%2]
			return put("other", &now)(ctx, tx)
		}
	}
	return map[string]func(context.Context, *Tx) error{
		"the viewer's name":    put("viewer", nil),
		"the sender's name":    put("other", nil),
		"who has the role":     toggle("nurse"),
		"who has another role": toggle("doctor"),
		"the role's name": func(ctx context.Context, tx *Tx) error {
			w.n++
			name := fmt.Sprint("role", w.n)
			_, err := tx.PutRole(ctx, w.app.ID, chat.RoleUpdate{Code: "nurse", Name: &name})
			return err
		},
		"the room's roles": func(ctx context.Context, tx *Tx) error {
			w.n++
			_, err := tx.SetRoomRoles(ctx, w.room, [][]string{{"nurse"}, {"nurse", "doctor"}, {"doctor"}}[w.n%3])
			return err
		},
		"who joined": func(ctx context.Context, tx *Tx) error {
			w.n++
			who := []chat.UserID{w.other}
			gone, err := tx.RemoveParticipants(ctx, w.room.ID, who)
			if err == nil && !slices.Contains(gone, w.other) {
				_, err = tx.AddParticipants(ctx, w.room.ID, who)
			}
			return err
		},
		"the room": func(ctx context.Context, tx *Tx) error {
			w.n++
			r := w.room
			r.Name = fmt.Sprint("room", w.n)
			_, err := tx.UpdateRoom(ctx, r)
			return err
		},
		"the room's end": func(ctx context.Context, tx *Tx) error {
			w.n++
			r := w.room
			r.DeletedAt = int64(w.n % 2)
			_, err := tx.UpdateRoom(ctx, r)
			return err
		},
		"a new message": func(ctx context.Context, tx *Tx) error {
			_, err := tx.AppendMessage(ctx, NewMessage{Message: w.message()})
			if chat.CodeOf(err) == chat.CodeNotFound {
				err = nil // the room has ended for now
			}
			return err
		},
	}
}

// changeEverything makes all that is cached old.
func (w *cacheWorld) changeEverything(t *testing.T, st *Store) {
	t.Helper()
	changes := w.changes()
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		for _, name := range []string{"the room", "the viewer's name", "the sender's name", "the role's name", "who joined"} {
			if err := changes[name](ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// cold asks with an empty cache.
func (w *cacheWorld) cold(t *testing.T, st *Store, read func(*testing.T) string) string {
	t.Helper()
	warm := st.cache
	st.cache = newCache(true)
	defer func() { st.cache = warm }()
	return read(t)
}
