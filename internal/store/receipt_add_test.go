package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parlor/internal/chat"
)

// TestAddReceiptsTakesFewStatements reads every second message: a hole between any two. What
// the writer does for it does not grow with the holes.
func TestAddReceiptsTakesFewStatements(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		reader, room := mustRoomWith(t, st, 2*MaxReceipts)
		times, err := allTimes(t.Context(), st, room)
		if err != nil {
			t.Fatal(err)
		}
		var second []int64
		for i := 1; i < len(times); i += 2 {
			second = append(second, times[i])
		}
		sp.reset()
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			done, err := tx.AddReceipts(ctx, room, reader, chat.Read, second)
			if err == nil && len(done.New) != MaxReceipts {
				err = fmt.Errorf("%d added", len(done.New))
			}
			return err
		})
		if ran := sp.reset(); len(ran) > 15 {
			t.Errorf("%d statements for %d holes", len(ran), len(second))
		}
	})
}

// TestClearingCountsNothing: what was read by clearing a room follows from its counters.
func TestClearingCountsNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		reader, room := mustRoomWith(t, st, 20)
		sp.reset()
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			_, err := tx.ClearRoom(ctx, room, reader)
			return err
		})
		for _, s := range sp.reset() {
			if strings.Contains(s.query, "messages m") {
				t.Errorf("looks at messages: %s", s.query)
			}
		}
	})
}

// TestNamedMessagesAreNotLoaded: who names messages that they may not see has nobody read
// what those say.
func TestNamedMessagesAreNotLoaded(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		reader, room := mustRoomWith(t, st, 3*namedAtOnce/2)
		ids := make([]int64, 2*namedAtOnce)
		for i := range ids {
			ids[i] = int64(i)
		}
		sp.reset()
		named, err := st.ReceiptTargets(t.Context(), 1, reader, ids)
		if err != nil || len(named) != 3*namedAtOnce/2 {
			t.Fatalf("%d messages, %v", len(named), err)
		}
		byTime := func(a, b ReceiptTarget) int { return int(a.CreatedAt - b.CreatedAt) }
		if !slices.IsSortedFunc(named, byTime) || named[0].Room != room {
			t.Error("they are not in order")
		}
		for _, s := range sp.reset() {
			if strings.Contains(s.query, "body") {
				t.Errorf("reads what messages say: %s", s.query)
			}
		}
	})
}

// mustRoomWith makes a room with messages of somebody and returns it and somebody else,
// who is in it.
func mustRoomWith(t *testing.T, st *Store, messages int) (chat.UserID, chat.RoomID) {
	t.Helper()
	app := mustApp(t, st)
	var reader chat.UserID
	var room chat.RoomID
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		var users []chat.UserID
		for _, xc := range []string{"reader", "sender"} {
			u, err := tx.PutUser(ctx, app.ID, chat.UserUpdate{XCID: xc, Fullname: xc})
			if err != nil {
				return err
			}
			users = append(users, u.ID)
		}
		r, err := tx.CreateRoom(ctx, chat.Room{App: app.ID, XCID: "r", Type: chat.Group, Name: "r"})
		if err != nil {
			return err
		}
		if _, err := tx.AddParticipants(ctx, r.ID, users); err != nil {
			return err
		}
		reader, room = users[0], r.ID
		for i := range messages {
			if _, err := tx.AppendMessage(ctx, NewMessage{Message: chat.Message{
				App: app.ID, Room: room, Sender: users[1], LocalID: fmt.Sprint(i), Type: chat.TextMessage, Body: "x",
			}}); err != nil {
				return err
			}
		}
		return nil
	})
	return reader, room
}

func allTimes(ctx context.Context, st *Store, room chat.RoomID) (times []int64, err error) {
	list, err := st.MessagesAfter(ctx, room, 0, 1<<60, 1<<20)
	for _, m := range list {
		times = append(times, m.CreatedAt)
	}
	return times, err
}

// TestReadersOfALargeRoom: they are looked for in parts, and none is left out or named twice.
func TestReadersOfALargeRoom(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, _ := openSpied(t, o, true)
		_, room := mustRoomWith(t, st, 1)
		times, err := allTimes(t.Context(), st, room)
		if err != nil {
			t.Fatal(err)
		}
		var users []chat.UserID
		const all, atOnce = 2*readersAtOnce + 5, 500 // a write has its time
		for begin := 0; begin < all; begin += atOnce {
			mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
				users = users[:begin]
				for i := begin; i < min(all, begin+atOnce); i++ {
					u, err := tx.PutUser(ctx, 1, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "u"})
					if err != nil {
						return err
					}
					users = append(users, u.ID)
				}
				return nil
			})
		}
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			if _, err := tx.AddParticipants(ctx, room, users); err != nil {
				return err
			}
			read := chat.Spans{{From: 1, To: times[0], At: 7, Number: 7, Joined: true}}
			_, err := tx.conn.Exec(ctx, `UPDATE participants SET read_spans = $1, read_upto = $2
				WHERE room_id = $3 AND user_id >= $4`,
				read.Encode(), times[0], room, users[0])
			return err
		})
		m := chat.Message{Room: room, Sender: users[1], CreatedAt: times[0]}
		_, ids, err := st.Readers(t.Context(), m, len(users))
		if err != nil || !slices.Equal(ids, slices.Delete(slices.Clone(users), 1, 2)) {
			t.Errorf("%d people have read it, want %d: %v", len(ids), len(users)-1, err)
		}
		if n, err := st.ReadCount(t.Context(), m); err != nil || n != len(users)-1 {
			t.Errorf("%d people have read it, want %d: %v", n, len(users)-1, err)
		}
	})
}
