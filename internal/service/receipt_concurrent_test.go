package service_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestReadingWhileOthersWrite has two devices of a user read messages here and there, while
// others, and the user too, write, hidden messages among them; now and then the user clears
// the room, and the oldest messages are removed. In the end exactly what is left and was not read is unread. In PostgreSQL two nodes do
// this together.
func TestReadingWhileOthersWrite(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		st := storetest.Open(t, o)
		newNode := func(st *store.Store) *service.Service {
			return service.New(st, powertalk.Dialect{}, service.Options{})
		}
		nodes := []*service.Service{newNode(st), newNode(st)}
		if o.DSN != "" {
			nodes[1] = newNode(storetest.Open(t, o))
		}
		r := newReading(t, st, nodes)
		writing, ctx := errgroup.WithContext(t.Context())
		for i := range r.users {
			writing.Go(func() error { return r.write(ctx, i, 250, rand.New(rand.NewPCG(seed, uint64(i)))) })
		}
		written := make(chan struct{})
		reading, readCtx := errgroup.WithContext(t.Context())
		for i := range nodes {
			rng := rand.New(rand.NewPCG(seed, uint64(100+i)))
			reading.Go(func() error {
				for n := 0; ; n++ {
					select {
					case <-written:
						return nil
					default:
					}
					if err := r.acknowledge(readCtx, nodes[i], rng, n); err != nil {
						return err
					}
				}
			})
		}
		reading.Go(func() error {
			rng := rand.New(rand.NewPCG(seed, 300))
			for {
				select {
				case <-written:
					return nil
				default:
				}
				if err := r.expire(readCtx, rng); err != nil {
					return err
				}
			}
		})
		err := writing.Wait()
		close(written)
		if err := firstOf(err, reading.Wait()); err != nil {
			t.Fatal(err)
		}
		// After a room was cleared it is in the list only once something is said.
		if err := r.write(t.Context(), 1, 9, rand.New(rand.NewPCG(seed, 200))); err != nil {
			t.Fatal(err)
		}
		r.check(t)
		storetest.Audit(t, o)
	})
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// reading is one room in which the first of users reads what all write.
type reading struct {
	st    *store.Store
	nodes []*service.Service
	app   chat.App
	users []chat.UserID
	room  chat.Room

	mu      sync.Mutex
	ids     []int64        // of what was written
	read    map[int64]bool // by id
	cleared int            // how many of ids came before the user has cleared the room
}

func newReading(t *testing.T, st *store.Store, nodes []*service.Service) *reading {
	t.Helper()
	app, err := nodes[0].CreateApp(t.Context(), "reading")
	if err != nil {
		t.Fatal(err)
	}
	r := &reading{st: st, nodes: nodes, app: app, read: map[int64]bool{}}
	for _, xc := range []string{"reader", "ann", "bob"} {
		u, err := nodes[0].Backend(app).PutUser(t.Context(), chat.UserUpdate{XCID: xc, Fullname: xc})
		if err != nil {
			t.Fatal(err)
		}
		r.users = append(r.users, u.ID)
	}
	group, err := r.as(nodes[0], 1).CreateGroup(t.Context(), "group", r.users)
	if err != nil {
		t.Fatal(err)
	}
	r.room = group.Room
	return r
}

func (r *reading) as(node *service.Service, i int) service.Member {
	login := chat.Login{User: r.users[i], Device: fmt.Sprint("d", i)}
	return node.Member(chat.Caller{App: r.app, User: r.users[i], Login: login})
}

func (r *reading) write(ctx context.Context, who, n int, rng *rand.Rand) error {
	for range n {
		local := cipher.NewLocalID()
		body, err := cipher.Seal("hi", local)
		if err != nil {
			return err
		}
		m, _, err := r.as(r.nodes[rng.IntN(2)], who).Send(ctx, service.Draft{
			RoomID: r.room.PublicID(), LocalID: local, Type: chat.TextMessage, Body: chat.Sealed(body), Hidden: rng.IntN(6) == 0,
		})
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.ids = append(r.ids, int64(m.ID))
		r.mu.Unlock()
	}
	return nil
}

// acknowledge acknowledges a part of the messages so far, seldom all of them, or clears the room.
func (r *reading) acknowledge(ctx context.Context, node *service.Service, rng *rand.Rand, n int) error {
	r.mu.Lock()
	all := r.ids
	r.mu.Unlock()
	if n%20 == 19 {
		cleared := chat.Preference{Kind: chat.PreferCleared, On: true}
		_, err := r.as(node, 0).SetPreference(ctx, []string{r.room.PublicID()}, cleared)
		r.mu.Lock()
		r.cleared = max(r.cleared, len(all))
		r.mu.Unlock()
		return err
	}
	var ids []int64
	for _, id := range all {
		if n%16 == 15 || rng.IntN(3) == 0 {
			ids = append(ids, id)
		}
	}
	kind := chat.Read
	if n%4 == 0 {
		kind = chat.Delivered
	}
	if _, err := r.as(node, 0).Acknowledge(ctx, kind, ids); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		r.read[id] = r.read[id] || kind == chat.Read
	}
	return nil
}

// expire removes some of the oldest messages, and none of the newer half.
func (r *reading) expire(ctx context.Context, rng *rand.Rand) error {
	r.mu.Lock()
	all := r.ids
	r.mu.Unlock()
	if len(all) < 2 {
		return nil
	}
	until, err := r.st.MessagesByID(ctx, r.app.ID, all[rng.IntN(len(all)/2):][:1])
	if err != nil || len(until) == 0 {
		return err
	}
	return r.st.Write(ctx, int64(r.room.ID), func(ctx context.Context, tx *store.Tx) error {
		if _, _, err := tx.RoomForUpdateFor(ctx, r.app.ID, r.room.ID, 0); err != nil {
			return err
		}
		_, err := tx.ExpireMessages(ctx, r.app.ID, r.room.ID, until[0].CreatedAt, 1+rng.IntN(10))
		return err
	})
}

func (r *reading) check(t *testing.T) {
	t.Helper()
	receipts, err := r.st.Receipts(t.Context(), r.room.ID, r.users[0])
	if err != nil {
		t.Fatal(err)
	}
	messages, err := r.st.MessagesByID(t.Context(), r.app.ID, r.ids)
	if err != nil || len(messages) < len(r.ids)/2 || len(messages) == len(r.ids) {
		t.Fatalf("%d messages of %d: %v", len(messages), len(r.ids), err)
	}
	for _, id := range r.ids[:r.cleared] {
		r.read[id] = true
	}
	unread := 0
	for _, m := range messages {
		if m.Sender == r.users[0] || m.Hidden {
			continue
		}
		read := receipts.Read.Has(m.CreatedAt)
		if want := r.read[int64(m.ID)] || m.CreatedAt <= receipts.ClearedAt; read != want {
			t.Errorf("message %d is read: %t, want %t", m.ID, read, want)
		}
		if !read {
			unread++
		}
	}
	reader, err := r.st.User(t.Context(), r.app.ID, r.users[0])
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := r.st.RoomList(t.Context(), reader, nil, chat.Page{Limit: 10})
	if err != nil || len(list) != 1 || list[0].Unread != int64(unread) {
		t.Fatalf("the list says %+v, and %d are unread: %v", list, unread, err)
	}
}
