package store_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestReadersEqualCounting has many people read messages here and there, and compares who
// has read each with what the sets of all of them say, one by one.
func TestReadersEqualCounting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		room := makeRoom(t, st, app, "r")
		users := makeUsers(t, st, app, "u", 30)
		join(t, st, room, users...)
		rng := rand.New(rand.NewPCG(3, 4))
		said := sayEach(t, st, room, 60, func(i int, m *chat.Message) {
			m.Sender, m.Hidden = users[i%7].ID, i%11 == 5
		})
		for _, u := range users {
			for _, kind := range []chat.ReceiptKind{chat.Delivered, chat.Read} {
				upTo := rng.IntN(len(said)) // all of these, and some beyond
				var times []int64
				for i, m := range said {
					if m.Sender != u.ID && !m.Hidden && (i < upTo || rng.IntN(3) == 0) {
						times = append(times, m.CreatedAt)
					}
				}
				write(t, st, int64(room.ID), func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.AddReceipts(ctx, room.ID, u.ID, kind, times)
					return err
				})
			}
		}
		for i, m := range said {
			list, ids, err := st.Readers(t.Context(), m, 1000)
			if err != nil {
				t.Fatal(err)
			}
			got := map[chat.UserID]chat.Recipient{}
			for n, id := range ids {
				got[id] = list[n]
			}
			read := 0
			for _, u := range users {
				r := receipts(t, st, room, u)
				want := chat.Recipient{ReadAt: r.Read.At(m.CreatedAt), DeliveredAt: r.Delivered.At(m.CreatedAt)}
				if want.DeliveredAt == 0 {
					want.DeliveredAt = want.ReadAt
				}
				if m.Hidden || u.ID == m.Sender {
					want = chat.Recipient{}
				}
				if want.ReadAt > 0 {
					read++
				}
				if got[u.ID] != want {
					t.Errorf("message %d and user %d: %+v, want %+v", i, u.ID, got[u.ID], want)
				}
			}
			if n, err := st.ReadCount(t.Context(), m); err != nil || n != read {
				t.Errorf("message %d: %d have read it, want %d: %v", i, n, read, err)
			}
			if few, _, err := st.Readers(t.Context(), m, 3); err != nil || len(few) > 3 || len(few) < min(3, len(list)) {
				t.Errorf("message %d: %d of %d for a limit of 3: %v", i, len(few), len(list), err)
			}
		}
	})
}
