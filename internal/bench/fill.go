package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/store"
)

// roomsAtOnce is how many rooms, with their messages, are under way in all lanes. The
// more there are in a commit, the fewer index pages are written again and again; but none
// may take the store's 15 s.
const roomsAtOnce = 250

// filler writes into a database through the store, many things in each write: what
// takes a server minutes is there in seconds. Nothing but the speed is different.
type filler struct {
	rig   *rig
	store *store.Store
	app   chat.App
	name  string // of the database
}

// lanes is how many writes are under way at once: one for each of the store's lanes, since
// a write that is alone in its commit needs no savepoint.
func (f *filler) lanes() int {
	if f.rig.o.Database != "" {
		return postgresLanes
	}
	return 1
}

// inWrites calls one for 0 to n-1, size of them in each write.
func (f *filler) inWrites(ctx context.Context, what string, n, size int, one func(ctx context.Context, tx *store.Tx, i int) error) error {
	var begun, written atomic.Int64
	done := f.rig.show.task(fmt.Sprintf("%s, fill %s", f.rig.row, f.name), func() string {
		return fmt.Sprintf("%s of %s %s", thousands(written.Load()), thousands(int64(n)), what)
	})
	g, ctx := errgroup.WithContext(ctx)
	for range f.lanes() {
		g.Go(func() error {
			for ctx.Err() == nil {
				first := int(begun.Add(int64(size))) - size
				if first >= n {
					return nil
				}
				end := min(first+size, n)
				err := f.store.Write(ctx, int64(first/size), func(ctx context.Context, tx *store.Tx) error {
					for i := first; i < end; i++ {
						if err := one(ctx, tx, i); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					return err
				}
				written.Add(int64(end - first))
			}
			return ctx.Err()
		})
	}
	err := g.Wait()
	done("")
	return err
}

// users makes n users and returns their ids.
func (f *filler) users(ctx context.Context, kind string, n int) ([]chat.UserID, error) {
	ids := make([]chat.UserID, n)
	err := f.inWrites(ctx, "users", n, 1000, func(ctx context.Context, tx *store.Tx, i int) error {
		email := userEmail(i)
		u, err := tx.PutUser(ctx, f.app.ID, chat.UserUpdate{XCID: f.rig.xc(kind, i), Fullname: userName(i), Email: &email})
		ids[i] = u.ID
		return err
	})
	return ids, err
}

// filledRoom is a room to be made.
type filledRoom struct {
	people   []chat.UserID // the first two of them write the messages, in turn
	messages int
}

// rooms makes n rooms with messages and returns their ids.
func (f *filler) rooms(ctx context.Context, n int, room func(i int) filledRoom) ([]chat.RoomID, error) {
	ids := make([]chat.RoomID, n)
	err := f.inWrites(ctx, "rooms", n, roomsAtOnce/f.lanes(), func(ctx context.Context, tx *store.Tx, i int) error {
		want := room(i)
		r, err := tx.CreateRoom(ctx, chat.Room{App: f.app.ID, XCID: f.rig.xc("room", i), Type: chat.Group, Name: roomName(i)})
		if err != nil {
			return err
		}
		ids[i] = r.ID
		if len(want.people) > 0 {
			if _, err := tx.AddParticipants(ctx, r.ID, want.people); err != nil {
				return err
			}
		}
		for m := range want.messages {
			if err := f.message(ctx, tx, r.ID, want.people[m%min(2, len(want.people))], m); err != nil {
				return err
			}
		}
		return nil
	})
	return ids, err
}

func (f *filler) message(ctx context.Context, tx *store.Tx, room chat.RoomID, sender chat.UserID, n int) error {
	m := chat.Message{App: f.app.ID, Room: room, Sender: sender, Type: chat.TextMessage, LocalID: cipher.NewLocalID()}
	var err error
	if m.Body, err = cipher.Seal("Message "+strconv.Itoa(n)+": the parcel is on its way and comes tomorrow", m.LocalID); err != nil {
		return err
	}
	_, err = tx.AppendMessage(ctx, m)
	return err
}
