package store_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestAddReceiptsWithManyHoles reads messages here and there, until a set has more holes
// than it may have. It then loses its oldest holes, and nothing else: what was read
// stays, each once, and what counts as unread is what is not in it. Some messages count
// for nobody, and some only for others.
func TestAddReceiptsWithManyHoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		sender := makeUser(t, st, app, chat.UserUpdate{XCID: "sender"})
		reader := makeUser(t, st, app, chat.UserUpdate{XCID: "reader"})
		room := makeRoom(t, st, app, "r")
		join(t, st, room, sender, reader)
		const messages = 3 * chat.MaxSpans
		rng := rand.New(rand.NewPCG(1, 2))
		say := func(i int, m *chat.Message) {
			m.Sender = sender.ID
			switch n := rng.IntN(10); {
			case i < 6:
			case n == 0:
				m.Sender = reader.ID
			case n == 1:
				m.Hidden = true
			}
		}
		var times []int64 // of those that count for the reader
		for _, m := range sayEach(t, st, room, messages, say) {
			if m.Sender == sender.ID && !m.Hidden {
				times = append(times, m.CreatedAt)
			}
		}
		everySecond := make([]int64, 0, len(times)/2)
		for i := 1; i < len(times); i += 2 {
			everySecond = append(everySecond, times[i])
		}
		fill := everySecond[len(everySecond)-chat.MaxSpans:] // as many spans as there may be
		// The oldest holes then have to go while messages of one call are still to come.
		atTheBeginning := []int64{times[0], times[2], times[3], times[5]}
		calls := [][]int64{fill, atTheBeginning, everySecond}
		for range 20 {
			from := rng.IntN(len(times) - 1)
			to := from + 1 + rng.IntN(min(60, len(times)-from))
			calls = append(calls, times[from:to])
		}
		read := map[int64]bool{}
		for i, call := range calls {
			before := receipts(t, st, room, reader)
			added := readAll(t, st, room, reader, call)
			if want := slices.DeleteFunc(slices.Clone(call), before.Read.Has); !slices.Equal(added, want) {
				t.Fatalf("call %d adds %d as new, want %d", i, len(added), len(want))
			}
			for _, at := range call {
				read[at] = true
			}
			now := receipts(t, st, room, reader)
			if len(now.Read) > chat.MaxSpans || len(now.AnyRead) > chat.MaxSpans {
				t.Fatalf("call %d leaves %d and %d spans", i, len(now.Read), len(now.AnyRead))
			}
			unread, filled, hole := 0, int64(0), int64(math.MaxInt64)
			for n, at := range times {
				switch is := now.Read.Has(at); {
				case read[at] && (!is || !now.AnyRead.Has(at)):
					t.Fatalf("call %d loses message %d: read %t, by anybody %t", i, n, is, now.AnyRead.Has(at))
				case !is:
					unread++
					hole = min(hole, at)
				case !read[at]:
					filled = at
				}
			}
			if filled > hole {
				t.Fatalf("call %d fills a hole at %d, and leaves an older one at %d", i, filled, hole)
			}
			if got := unreadIn(t, st, &reader); got != unread {
				t.Fatalf("after call %d: %d unread, but %d are not in the set", i, got, unread)
			}
		}
	})
}

// readAll adds receipts of messages as read in parts and returns what was new.
func readAll(t *testing.T, st *store.Store, room chat.Room, reader chat.User, times []int64) (added []int64) {
	t.Helper()
	for part := range slices.Chunk(times, store.MaxReceipts) {
		var done store.AddedReceipts
		write(t, st, int64(room.ID), func(ctx context.Context, tx *store.Tx) (err error) {
			done, err = tx.AddReceipts(ctx, room.ID, reader.ID, chat.Read, part)
			return err
		})
		added = append(added, done.New...)
		if !done.Crowded {
			continue
		}
		if err := st.FillHoles(t.Context(), int64(room.ID), room.ID, reader.ID); err != nil {
			t.Fatal(err)
		}
	}
	return added
}

// sayEach appends messages in a few commits; say makes the i-th of them.
func sayEach(
	t *testing.T, st *store.Store, room chat.Room, n int, say func(i int, m *chat.Message),
) (said []chat.Message) {
	t.Helper()
	for len(said) < n {
		var list []store.NewMessage
		for range min(200, n-len(said)) {
			i := len(said) + len(list)
			m := chat.Message{
				App: room.App, Room: room.ID, LocalID: fmt.Sprintf("%010d%022d", room.ID, i), Type: chat.TextMessage, Body: "x",
			}
			say(i, &m)
			list = append(list, store.NewMessage{Message: m})
		}
		stored, err := st.AppendMessages(t.Context(), store.Author{}, int64(room.ID), list)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, stored...)
	}
	return said
}

func receipts(t *testing.T, st *store.Store, room chat.Room, u chat.User) chat.Receipts {
	t.Helper()
	r, err := st.Receipts(t.Context(), room.ID, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func unreadIn(t *testing.T, st *store.Store, u *chat.User) int {
	t.Helper()
	list, _, err := st.RoomList(t.Context(), u, nil, chat.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d rooms, %v", len(list), err)
	}
	return int(list[0].Unread)
}
