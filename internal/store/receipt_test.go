package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestMarkMessagesWithManyHoles marks messages here and there, until a set has more holes
// than it may have. It then loses its oldest holes, and nothing else: what was marked
// stays, each once, and what counts as unread is what is not in it.
func TestMarkMessagesWithManyHoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		sender := makeUser(t, st, app, chat.UserUpdate{XCID: "sender"})
		reader := makeUser(t, st, app, chat.UserUpdate{XCID: "reader"})
		room := makeRoom(t, st, app, "r")
		join(t, st, room, sender, reader)
		const messages = 2*chat.MaxSpans + 300
		times := sayMany(t, st, room, sender.ID, messages)

		rng := rand.New(rand.NewPCG(1, 2))
		everySecond := make([]int64, 0, messages/2)
		for i := 1; i < messages; i += 2 {
			everySecond = append(everySecond, times[i])
		}
		fill := everySecond[len(everySecond)-chat.MaxSpans:] // as many spans as there may be
		// The oldest hole then has to go while the messages of one call that lie in it are
		// still to come.
		atTheBeginning := []int64{times[0], times[2], times[3], times[5]}
		calls := [][]int64{fill, atTheBeginning, everySecond}
		for range 20 {
			from := rng.IntN(messages - 1)
			to := from + 1 + rng.IntN(min(60, messages-from))
			calls = append(calls, times[from:to])
		}
		marked := map[int64]bool{}
		for i, call := range calls {
			before := receipts(t, st, room, reader)
			var done store.Marked
			write(t, st, int64(room.ID), func(ctx context.Context, tx *store.Tx) (err error) {
				done, err = tx.MarkMessages(ctx, room.ID, reader.ID, chat.Read, call)
				return err
			})
			want := slices.DeleteFunc(slices.Clone(call), before.Has)
			if !slices.Equal(done.New, want) {
				t.Fatalf("call %d marks %d as new, want %d", i, len(done.New), len(want))
			}
			for _, at := range call {
				marked[at] = true
			}
			spans := receipts(t, st, room, reader)
			if len(spans) > chat.MaxSpans {
				t.Fatalf("call %d leaves %d spans", i, len(spans))
			}
			unread := 0
			for n, at := range times {
				switch {
				case !spans.Has(at) && marked[at]:
					t.Fatalf("call %d loses message %d", i, n)
				case !spans.Has(at):
					unread++
				}
			}
			if got := unreadIn(t, st, &reader); got != unread {
				t.Fatalf("after call %d: %d unread, but %d are not in the set", i, got, unread)
			}
		}
	})
}

// sayMany appends messages in a few commits and returns their times.
func sayMany(t *testing.T, st *store.Store, room chat.Room, sender chat.UserID, n int) (times []int64) {
	t.Helper()
	for len(times) < n {
		var list []*chat.Message
		for range min(200, n-len(times)) {
			list = append(list, &chat.Message{
				App: room.App, Room: room.ID, Sender: sender, LocalID: fmt.Sprintf("%032d", len(times)+len(list)),
				Type: chat.TextMessage, Body: "x",
			})
		}
		if err := st.AppendMessages(t.Context(), int64(room.ID), list); err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			times = append(times, m.CreatedAt)
		}
	}
	return times
}

func receipts(t *testing.T, st *store.Store, room chat.Room, u chat.User) chat.Spans {
	t.Helper()
	r, err := st.Receipts(t.Context(), room.ID, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r.Read
}

func unreadIn(t *testing.T, st *store.Store, u *chat.User) int {
	t.Helper()
	list, _, err := st.RoomList(t.Context(), u, nil, chat.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d rooms, %v", len(list), err)
	}
	return int(list[0].Unread)
}
