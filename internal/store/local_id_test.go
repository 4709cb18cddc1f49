package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// sender sends messages of a user, as an app does.
type sender struct {
	st   *store.Store
	app  chat.App
	user chat.User
	room chat.Room
}

func newSender(t *testing.T, st *store.Store, name string) sender {
	t.Helper()
	app := makeApp(t, st, name)
	u := makeUser(t, st, app, chat.UserUpdate{XCID: "u"})
	r := makeRoom(t, st, app, "r")
	if err := st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddParticipants(ctx, r.ID, []chat.UserID{u.ID})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return sender{st, app, u, r}
}

// send reports whether a message of localID was stored.
func (s sender) send(ctx context.Context, localID string) (bool, error) {
	_, err := s.st.AppendMessages(ctx, store.Author{}, int64(s.room.ID), []store.NewMessage{{
		Guarded: true, Message: chat.Message{
			App: s.app.ID, Room: s.room.ID, Sender: s.user.ID, LocalID: localID, Type: chat.TextMessage, Body: "x",
		},
	}})
	if errors.Is(err, store.ErrNotAppended) {
		return false, nil
	}
	return err == nil, err
}

func (s sender) mustSend(t *testing.T, localID string, want bool) {
	t.Helper()
	if got, err := s.send(t.Context(), localID); err != nil || got != want {
		t.Fatalf("%s: stored %v (%v), want %v", localID, got, err, want)
	}
}

func mustStep(t *testing.T, tender store.Tender) (more bool) {
	t.Helper()
	more, err := tender.Step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return more
}

// settle lets a tender do all that there is to do.
func settle(t *testing.T, tender store.Tender) {
	t.Helper()
	for range 3 { // to open one, to seal the one before, and to learn of it
		for mustStep(t, tender) {
		}
	}
}

// TestLocalIDsOverGenerations sends new and old localIDs in any order, while generations come
// and go and stores are closed and opened: each is taken once, and leads to its message.
func TestLocalIDsOverGenerations(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		const seed = 20261128
		rnd := rand.New(rand.NewPCG(seed, 1))
		st := storetest.Open(t, o)
		s, other := newSender(t, st, "a"), newSender(t, st, "b")
		tender := store.NewTender(st, 20)
		var sent []string
		for i := range 400 {
			switch rnd.IntN(4) {
			case 0:
				mustStep(t, tender)
			case 1:
				if len(sent) > 0 {
					old := sent[rnd.IntN(len(sent))]
					s.mustSend(t, old, false)
					m, err := s.st.MessageByLocalID(t.Context(), s.app.ID, old)
					if err != nil || m.LocalID != old {
						t.Fatalf("%s leads to %+v (%v)", old, m, err)
					}
				}
			default:
				id := fmt.Sprintf("local-%d-of-the-seed-%d", i, seed)
				s.mustSend(t, id, true)
				sent = append(sent, id)
			}
			if i == 200 { // as another process would
				s.st = storetest.Open(t, o)
				tender = store.NewTender(s.st, 20)
			}
		}
		settle(t, tender)
		if n := s.st.Filters(); n < 5 {
			t.Errorf("%d generations were sealed", n)
		}
		for i, id := range sent {
			s.mustSend(t, id, false)
			if i%50 == 0 {
				other.mustSend(t, id, true) // another App's are its own
			}
		}
		if _, err := s.st.MessageByLocalID(t.Context(), s.app.ID, "never sent, by nobody at all"); chat.CodeOf(err) != chat.CodeNotFound {
			t.Errorf("a localID that is free: %v", err)
		}
		storetest.Audit(t, o)
	})
}

// TestLocalIDsOfTwoNodes has two stores send the same localIDs at the same time, while both
// open and seal generations: one of the two sends stores the message.
func TestLocalIDsOfTwoNodes(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		first := newSender(t, st, "a")
		second := first
		second.st = storetest.Open(t, o)
		ctx, stop := context.WithCancel(t.Context())
		var tending sync.WaitGroup
		for _, s := range []sender{first, second} {
			tending.Go(func() {
				tender := store.NewTender(s.st, 10)
				for ctx.Err() == nil {
					if _, err := tender.Step(ctx); err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		var callers sync.WaitGroup
		for c := range 4 {
			callers.Go(func() {
				for i := range 100 {
					id := fmt.Sprintf("local-%d-of-caller-%d-twice", i, c)
					var stored atomic.Int64
					var both sync.WaitGroup
					for _, s := range []sender{first, second} {
						both.Go(func() {
							ok, err := s.send(ctx, id)
							if err != nil {
								t.Error(err)
							}
							if ok {
								stored.Add(1)
							}
						})
					}
					both.Wait()
					if n := stored.Load(); n != 1 {
						t.Errorf("%s was stored %d times", id, n)
					}
				}
			})
		}
		callers.Wait()
		stop()
		tending.Wait()
		if n := first.st.Filters() + second.st.Filters(); n < 10 {
			t.Errorf("%d generations were sealed", n)
		}
		storetest.Audit(t, o)
	})
}

// TestLocalIDsOfBefore enters the messages of a database that has the index of before, in
// parts, with a restart after each, while old and new localIDs are sent.
func TestLocalIDsOfBefore(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		s := newSender(t, storetest.Open(t, o), "a")
		var old []string
		for i := range 4100 { // in three parts
			old = append(old, fmt.Sprintf("local-%d-from-before-it-all", i))
		}
		for part := range 41 {
			if err := s.st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
				for _, id := range old[100*part:][:100] {
					m := chat.Message{App: s.app.ID, Room: s.room.ID, Sender: s.user.ID, LocalID: id, Type: chat.TextMessage}
					if _, err := tx.AppendMessage(ctx, store.NewMessage{Message: m}); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		for _, statement := range []string{
			"CREATE UNIQUE INDEX messages_local ON messages (app_id, local_id)",
			"DELETE FROM local_ids",
			`INSERT INTO older_local_ids (id, position, last) SELECT 1, MIN(id) - 1, MAX(id) FROM messages`,
		} {
			storetest.Exec(t, o, statement)
		}
		for parts := 0; ; parts++ {
			s.st = storetest.Open(t, o)
			s.mustSend(t, old[rand.IntN(len(old))], false)
			s.mustSend(t, old[0], false)
			fresh := fmt.Sprintf("local-%d-while-it-goes-on", parts)
			s.mustSend(t, fresh, true)
			s.mustSend(t, fresh, false)
			tender, more := store.NewTender(s.st, 1500), true
			for range 1 + rand.IntN(8) { // it may break off anywhere
				more = mustStep(t, tender)
				s.mustSend(t, fresh, false)
			}
			if !more {
				break
			}
		}
		for s.st.Indexed() {
			mustStep(t, store.NewTender(s.st, 1500))
		}
		settle(t, store.NewTender(s.st, 1500))
		for _, id := range old {
			s.mustSend(t, id, false)
		}
		if n := s.st.Filters(); n < 2 {
			t.Errorf("%d generations of them were sealed", n)
		}
	})
}

// TestLocalIDWindow: a localID stays taken for its time, and is forgotten after it.
func TestLocalIDWindow(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		now := time.Now()
		o.Now = func() time.Time { return now }
		s := newSender(t, storetest.Open(t, o), "a")
		tender := store.NewTender(s.st, 3)
		for i := range 3 {
			s.mustSend(t, fmt.Sprintf("local-%d-that-grows-old-here", i), true)
		}
		settle(t, tender)
		// Transactions of others on the same PostgreSQL can put off the sealing, from which the time counts.
		for end := time.Now().Add(time.Minute); s.st.Filters() == 0 && time.Now().Before(end); {
			mustStep(t, tender)
		}
		now = now.Add(store.LocalIDWindow - time.Hour)
		s.mustSend(t, "local-that-is-younger-than-they", true)
		settle(t, tender)
		s.mustSend(t, "local-0-that-grows-old-here", false)
		now = now.Add(2 * time.Hour)
		settle(t, tender)
		s.mustSend(t, "local-that-is-younger-than-they", false)
		s.mustSend(t, "local-0-that-grows-old-here", true)
		left := storetest.Query(t, o, "SELECT COUNT(*) || '' FROM local_ids")
		if left[0] != "2" {
			t.Errorf("%s localIDs are left, want 2", left[0])
		}
	})
}
