package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// keyedWorld is an App with a room, and a way to send to it under keys.
type keyedWorld struct {
	clock *fakeClock
	store *store.Store
	svc   *service.Service
	app   chat.App
	room  chat.RoomDetails
}

func newKeyedWorld(t testing.TB, o store.Options) *keyedWorld {
	t.Helper()
	w := &keyedWorld{clock: &fakeClock{}}
	w.clock.set(1_700_000_000_000)
	o.Now = w.clock.now
	w.store = storetest.Open(t, o)
	w.svc = service.New(w.store, powertalk.Dialect{}, service.Options{Now: w.clock.now})
	var err error
	if w.app, err = w.svc.CreateApp(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	b := w.svc.Backend(w.app)
	for _, xc := range []string{"ana", "bo"} {
		if _, err := b.PutUser(t.Context(), chat.UserUpdate{XCID: xc, Fullname: xc}); err != nil {
			t.Fatal(err)
		}
	}
	w.room, _, err = b.PutRoom(t.Context(), chat.RoomUpdate{
		XCID: "r", Type: chat.Group, Name: "r", ParticipantXCIDs: []string{"ana", "bo"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *keyedWorld) key(k string) chat.CallKey { return chat.CallKey{App: w.app.ID, Key: k} }

// send is what a handler does: it sends, and returns the body of the answer.
func (w *keyedWorld) send(ctx context.Context) ([]byte, error) {
	sent, err := w.svc.Backend(w.app).Send(ctx, service.Outgoing{
		Type: chat.TextMessage, Body: "hi", From: service.UserName{XCID: "ana"}, XCRoomID: "r",
	})
	return fmt.Appendf(nil, "%s %v %v", sent.LocalID, sent.Repeated, sent.Differs), err
}

// messages counts the messages of the room.
func (w *keyedWorld) messages(t testing.TB) int64 {
	t.Helper()
	rooms, _, err := w.svc.Backend(w.app).RoomsOfUser(t.Context(), "bo", nil, chat.Page{Limit: 1})
	if err != nil || len(rooms) != 1 {
		t.Fatalf("%v, %v", rooms, err)
	}
	return rooms[0].Unread - 1 // the first tells of the room
}

var errDied = errors.New("the process has died")

// TestDiedBeforeTheAnswer: a call whose process has died behind the change is done again and changes nothing; its
// answer is what the first would have been.
func TestDiedBeforeTheAnswer(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		w := newKeyedWorld(t, o)
		k := w.key("k")
		claim, _, err := w.store.CallUnder(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		// What Once does, up to the answer.
		lost, err := w.send(store.ForCall(t.Context(), &store.Call{Claim: claim}))
		if err != nil || w.messages(t) != 1 {
			t.Fatalf("%d messages, %v", w.messages(t), err)
		}
		w.clock.set(1_700_000_000_000 + 44_000)
		never := func(context.Context) ([]byte, error) { t.Error("it is done again too soon"); return nil, errDied }
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := w.svc.Once(ctx, k, never); err == nil {
			t.Error("it is answered")
		}
		w.clock.set(1_700_000_000_000 + 45_000)
		body, again, err := w.svc.Once(t.Context(), k, w.send)
		if err != nil || again || !bytes.Equal(body, lost) || w.messages(t) != 1 {
			t.Errorf("%q, was %q, %v, %v; %d messages", body, lost, again, err, w.messages(t))
		}
		if repeat, again, err := w.svc.Once(t.Context(), k, never); err != nil || !again || !bytes.Equal(repeat, body) {
			t.Errorf("%q, %v, %v", repeat, again, err)
		}
		storetest.Audit(t, o)
	})
}

// TestFailsBehindTheChange: where the change was stored and what is behind it has failed, the next repeat does it
// again at once, and a message is there once.
func TestFailsBehindTheChange(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		w := newKeyedWorld(t, o)
		for i, failure := range []error{
			errDied, chat.Errorf(chat.CodeUnavailable, "not now"), chat.Errorf(chat.CodeForbidden, "which is not to be"),
		} {
			k := w.key(fmt.Sprint("k", i))
			_, _, err := w.svc.Once(t.Context(), k, func(ctx context.Context) ([]byte, error) {
				if _, err := w.send(ctx); err != nil {
					t.Error(err)
				}
				return nil, failure
			})
			if !errors.Is(err, failure) {
				t.Errorf("%v, want %v", err, failure)
			}
			body, again, err := w.svc.Once(t.Context(), k, w.send)
			if err != nil || again || w.messages(t) != int64(i+1) {
				t.Errorf("%q, %v, %v; %d messages", body, again, err, w.messages(t))
			}
		}
	})
}

// TestHammeredKeys: many calls under few keys, some of which fail, leave one message for each key, and one
// answer.
func TestHammeredKeys(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		w := newKeyedWorld(t, o)
		const keys, callers = 12, 10
		var mu sync.Mutex
		answers := map[string]string{}
		done := map[string]int{}
		var all sync.WaitGroup
		for i := range keys {
			for caller := range callers {
				all.Go(func() {
					name := fmt.Sprint("k", i)
					for attempt := 0; ; attempt++ {
						body, again, err := w.svc.Once(t.Context(), w.key(name), func(ctx context.Context) ([]byte, error) {
							body, err := w.send(ctx)
							if err == nil && (caller+attempt)%4 == 0 && attempt < 3 {
								err = errDied
							}
							return body, err
						})
						if errors.Is(err, errDied) {
							continue
						}
						mu.Lock()
						defer mu.Unlock()
						if before, ok := answers[name]; err != nil || ok && before != string(body) {
							t.Errorf("%s: %q, before %q, %v", name, body, before, err)
						}
						answers[name] = string(body)
						if !again {
							done[name]++
						}
						return
					}
				})
			}
		}
		all.Wait()
		if w.messages(t) != keys {
			t.Errorf("%d messages under %d keys", w.messages(t), keys)
		}
		for name, n := range done {
			if n != 1 {
				t.Errorf("%s was done %d times", name, n)
			}
		}
	})
}
