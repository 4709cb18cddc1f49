// Package aged makes databases old: it fills one with millions of messages in minutes, through
// the store's own way of writing, so that what it leaves is what a server would have left,
// whatever the schema. What it is filled with is package bench's to say, which measures a
// server on it.
package aged

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"parlor/internal/bench"
	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
)

const (
	// writers append at once: the more writes share a commit, the cheaper each of them is.
	writers = 256
	// atOnce is how many messages of a room one write holds.
	atOnce = 8
	// text is as long as most messages are.
	text = "Message %d: the parcel has left the warehouse and comes tomorrow between ten and noon, see you then"
)

// Options says which database to fill, and with how much.
type Options struct {
	Path     string // the SQLite file, if DSN is ""
	DSN      string // a postgres:// address
	Messages int64  // that there are to be in the end, in all rooms
	Rooms    int    // see bench.OldRooms
	// Progress, if set, is told now and then how many messages there are, by one goroutine at a time.
	Progress func(Progress)
}

// Progress is how far a database is.
type Progress struct {
	Done, Wanted int64
	Rate         float64       // messages a second, of this run
	Left         time.Duration // at this rate
}

// Fill makes the users and the rooms that are missing, and messages until there are as many as
// are wanted. A database that was partly filled is filled further, and one with enough is left
// as it is. No server may run on an embedded one meanwhile. It ends with ctx, and can then be
// called again.
func Fill(ctx context.Context, o Options) error {
	unlock, err := lock(o)
	if err != nil {
		return err
	}
	defer unlock()
	// Lanes share the queue, and all writers may meet in one of them.
	st, err := store.Open(ctx, store.Options{Path: o.Path, DSN: o.DSN, Queue: 16 * writers})
	if err != nil {
		return err
	}
	f := &filler{o: o, store: st}
	err = f.fill(ctx)
	if closeErr := st.Close(); err == nil {
		err = closeErr
	}
	return err
}

type filler struct {
	o     Options
	store *store.Store
	app   chat.App
	users []chat.UserID
	rooms []room
	start time.Time
	had   int64 // messages before
	done  atomic.Int64
	shown atomic.Int64 // Unix ms of the last report

	telling sync.Mutex // held while Progress is told
}

// room is one that is filled. Its messages come from its people in turn.
type room struct {
	id     chat.RoomID
	people []chat.UserID
}

func (f *filler) fill(ctx context.Context) error {
	svc := service.New(f.store, powertalk.Dialect{}, service.Options{})
	var err error
	if f.app, _, err = svc.EnsureDefaultApp(ctx); err != nil {
		return err
	}
	backend := svc.Backend(f.app)
	if err := f.findUsers(ctx, backend); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	if err := f.findRooms(ctx, backend); err != nil {
		return fmt.Errorf("rooms: %w", err)
	}
	f.had, f.start = f.done.Load(), time.Now()
	if err := f.append(ctx); err != nil {
		return fmt.Errorf("messages: %w", err)
	}
	f.report(true)
	return nil
}

// each calls do for 0 to n-1, many at a time.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) }) // ends with its piece
	}
	return group.Wait()
}

func (f *filler) findUsers(ctx context.Context, backend service.Backend) error {
	xcs := make([]string, f.o.Rooms) // there are as many users as rooms
	for i := range xcs {
		xcs[i] = bench.OldUser(i)
	}
	known, err := f.store.UserIDs(ctx, f.app.ID, xcs)
	if err != nil {
		return err
	}
	f.users = make([]chat.UserID, len(xcs))
	return each(ctx, len(xcs), func(ctx context.Context, i int) error {
		if id, ok := known[xcs[i]]; ok {
			f.users[i] = id
			return nil
		}
		u, err := backend.PutUser(ctx, chat.UserUpdate{XCID: xcs[i], Fullname: fmt.Sprint("Customer Number ", i)})
		f.users[i] = u.ID
		return err
	})
}

// findRooms makes the rooms that are missing, and counts the messages of all.
func (f *filler) findRooms(ctx context.Context, backend service.Backend) error {
	f.rooms = make([]room, f.o.Rooms)
	return each(ctx, len(f.rooms), func(ctx context.Context, i int) error {
		r := room{}
		var xcs []string
		for _, user := range bench.OldPeople(i, f.o.Rooms) {
			xcs, r.people = append(xcs, bench.OldUser(user)), append(r.people, f.users[user])
		}
		found, err := f.store.Room(ctx, f.app.ID, bench.OldRoom(i))
		if chat.CodeOf(err) == chat.CodeNotFound {
			var made chat.RoomDetails
			made, _, err = backend.PutRoom(ctx, chat.RoomUpdate{
				XCID: bench.OldRoom(i), Type: chat.Group, Name: bench.OldRoomName(i), ParticipantXCIDs: xcs,
			})
			found = made.Room
		}
		if err != nil {
			return err
		}
		r.id = found.ID
		newest, _, err := f.store.MessagesBefore(ctx, r.id, 0, 0, math.MaxInt64, 1)
		if err == nil && len(newest) > 0 {
			f.done.Add(newest[0].Seq) // they are numbered without gaps
		}
		f.rooms[i] = r
		return err
	})
}

// append lets the writers go round the rooms, until there is enough.
func (f *filler) append(ctx context.Context) error {
	var turn, claimed atomic.Int64
	claimed.Store(f.had)
	group, ctx := errgroup.WithContext(ctx)
	for range writers {
		group.Go(func() error { // ends when there is enough, with ctx, or with the first failure
			for ctx.Err() == nil {
				n := min(atOnce, f.o.Messages-claimed.Add(atOnce)+atOnce)
				if n <= 0 {
					return nil
				}
				if err := f.appendTo(ctx, int(turn.Add(1))%len(f.rooms), n); err != nil {
					return err
				}
				f.done.Add(n)
				f.report(false)
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// appendTo appends n messages to a room. Their localIDs are as random as those of devices,
// and the store looks whether each is new.
func (f *filler) appendTo(ctx context.Context, i int, n int64) error {
	r := f.rooms[i]
	list := make([]store.NewMessage, n)
	for k := range list {
		id := cipher.NewLocalID()
		body, err := cipher.Seal(fmt.Sprintf(text, k), id)
		if err != nil {
			return err
		}
		list[k].Message = chat.Message{
			App: f.app.ID, Room: r.id, Sender: r.people[k%len(r.people)], LocalID: id,
			Type: chat.TextMessage, Body: chat.Sealed(body),
		}
	}
	_, err := f.store.AppendMessages(ctx, store.Author{}, int64(r.id), list)
	return err
}

// reportEvery is how often there is something to see.
const reportEvery = 500 * time.Millisecond

func (f *filler) report(last bool) {
	now := time.Now()
	shown := f.shown.Load()
	if f.o.Progress == nil || !last && (now.UnixMilli()-shown < reportEvery.Milliseconds() ||
		!f.shown.CompareAndSwap(shown, now.UnixMilli())) {
		return
	}
	p := Progress{Done: f.done.Load(), Wanted: f.o.Messages}
	p.Rate = float64(p.Done-f.had) / now.Sub(f.start).Seconds()
	if left := p.Wanted - p.Done; left > 0 && p.Rate > 0 {
		p.Left = time.Duration(float64(left) / p.Rate * float64(time.Second)).Round(time.Second)
	}
	f.telling.Lock()
	defer f.telling.Unlock()
	f.o.Progress(p)
}

// String is a line of text.
func (p Progress) String() string {
	s := fmt.Sprintf("%d of %d messages, %.0f a second", p.Done, p.Wanted, p.Rate)
	if p.Left > 0 {
		s += ", " + p.Left.String() + " left"
	}
	return strings.TrimSpace(s)
}
