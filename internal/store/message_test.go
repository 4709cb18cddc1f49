package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestMessageOrder: 16 at once write into the same rooms, by both ways there are and on
// two nodes where there can be, while the clock jumps back and forth.
func TestMessageOrder(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var ticks atomic.Int64
		o.Now = func() time.Time {
			n := ticks.Add(1)
			return time.UnixMilli(1_700_000_000_000 + []int64{0, -5000, 1, -1, 3}[n%5] - n)
		}
		nodes := []*store.Store{storetest.Open(t, o)}
		if o.DSN != "" {
			nodes = append(nodes, storetest.Open(t, o))
		}
		app := makeApp(t, nodes[0], "a")
		users := makeUsers(t, nodes[0], app, "u", 16)
		rooms := []chat.Room{makeRoom(t, nodes[0], app, "r0"), makeRoom(t, nodes[0], app, "r1")}
		const each = 30
		var mu sync.Mutex
		stored := map[chat.RoomID][]chat.Message{}
		var wg sync.WaitGroup
		for i, u := range users {
			wg.Go(func() {
				st := nodes[i%len(nodes)]
				for n := range each {
					m := chat.Message{
						App: app.ID, Room: rooms[(i+n)%len(rooms)].ID, Sender: u.ID, Type: chat.TextMessage,
						Hidden: n%3 == 0, LocalID: fmt.Sprintf("message %d of %d", n, i),
					}
					list := []store.NewMessage{{Message: m}}
					if n%2 == 0 {
						second := m
						second.LocalID += ", second part"
						list = append(list, store.NewMessage{Message: second})
					}
					done, err := st.AppendMessages(t.Context(), store.Author{}, int64(m.Room), list)
					if err != nil {
						t.Error(err)
					}
					if n%5 == 0 {
						m.LocalID += " again"
						err = st.Write(t.Context(), int64(m.Room), func(ctx context.Context, tx *store.Tx) error {
							one, err := tx.AppendMessage(ctx, store.NewMessage{Message: m})
							done = append(done, one)
							return err
						})
					}
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					stored[m.Room] = append(stored[m.Room], done...)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for room, list := range stored {
			slices.SortFunc(list, func(a, b chat.Message) int { return int(a.Seq - b.Seq) })
			for i := 1; i < len(list); i++ {
				a, b := list[i-1], list[i]
				if a.Seq >= b.Seq || a.CreatedAt >= b.CreatedAt || a.ID >= b.ID || b.UpdatedAt != b.CreatedAt {
					t.Fatalf("in room %d\n%+v\nis followed by\n%+v", room, a, b)
				}
			}
		}
		storetest.Audit(t, o) // numbers without gaps, counters, and the order on the disk
	})
}

// TestAppendMessages: writes that only append travel together. Each still has its own
// outcome.
func TestAppendMessages(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		app, other := makeApp(t, st, "a"), makeApp(t, st, "b")
		u := makeUser(t, st, app, chat.UserUpdate{XCID: "u"})
		r, gone := makeRoom(t, st, app, "r"), makeRoom(t, st, app, "gone")
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
			gone.DeletedAt = 1
			_, err := tx.UpdateRoom(ctx, gone)
			return err
		})
		say(t, st, chat.Message{App: app.ID, Room: r.ID, Sender: u.ID, LocalID: "taken"})
		tests := []struct {
			name  string
			parts []chat.Message
			want  chat.Code
		}{
			{"one", []chat.Message{{App: app.ID, Room: r.ID}}, ""},
			{"three parts", []chat.Message{
				{App: app.ID, Room: r.ID}, {App: app.ID, Room: r.ID, Hidden: true}, {App: app.ID, Room: r.ID},
			}, ""},
			{"no such room", []chat.Message{{App: app.ID, Room: 1 << 40}}, chat.CodeNotFound},
			{"a deleted room", []chat.Message{{App: app.ID, Room: gone.ID}}, chat.CodeNotFound},
			{"another App's room", []chat.Message{{App: other.ID, Room: r.ID}}, chat.CodeNotFound},
			{"a second part without a room", []chat.Message{
				{App: app.ID, Room: r.ID}, {App: app.ID, Room: gone.ID},
			}, chat.CodeNotFound},
			{"a localID that is taken", []chat.Message{{App: app.ID, Room: r.ID, LocalID: "taken"}}, chat.CodeNotFound},
			{"a second part whose localID is taken", []chat.Message{
				{App: app.ID, Room: r.ID}, {App: app.ID, Room: r.ID, LocalID: "taken"},
			}, chat.CodeNotFound},
			{"the last", []chat.Message{{App: app.ID, Room: r.ID}}, ""},
		}
		// Once by itself and once all in one commit.
		for _, together := range []bool{false, true} {
			var release func()
			if together {
				g := shut(t, st)
				release = func() { g.release(t) }
			}
			answers := make([]chan error, len(tests))
			for i, tt := range tests {
				var list []store.NewMessage
				for n, m := range tt.parts {
					m.Sender = u.ID
					if m.LocalID == "" {
						m.LocalID = fmt.Sprintf("%s %d %t", tt.name, n, together)
					}
					list = append(list, store.NewMessage{Message: m})
				}
				answers[i] = make(chan error, 1)
				before := st.Waiting()
				go func() {
					_, err := st.AppendMessages(t.Context(), store.Author{}, 0, list)
					answers[i] <- err
				}()
				if together {
					eventually(t, "the write is queued", func() bool { return st.Waiting() > before })
				} else {
					answers[i] <- <-answers[i]
				}
			}
			if together {
				release()
			}
			ids := map[string]bool{}
			for i, tt := range tests {
				if err := <-answers[i]; chat.CodeOf(err) != tt.want {
					t.Errorf("%s (together: %t): code %q (%v), want %q", tt.name, together, chat.CodeOf(err), err, tt.want)
				}
				for id := range storetest.LocalIDs(t, o) {
					ids[id] = true
				}
				for n, m := range tt.parts {
					id := fmt.Sprintf("%s %d %t", tt.name, n, together)
					if m.LocalID == "" && ids[id] != (tt.want == "") {
						t.Errorf("%s (together: %t): part %d is there: %t", tt.name, together, n, ids[id])
					}
				}
			}
		}
		storetest.Audit(t, o)
	})
}

func TestMessageIsKeptAsItIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		app := makeApp(t, st, "a")
		u := makeUser(t, st, app, chat.UserUpdate{XCID: "u"})
		r := makeRoom(t, st, app, "r")
		for i, m := range []chat.Message{
			{Type: chat.TextMessage, Body: "hello"},
			{
				Type: 3001, Body: "ü \U0001F600", Data: `{"a":1}`, FilterID: "f", Hidden: true,
				Quote:   chat.Quote{Title: "t", Content: "c", ImageURL: "https://i", FileID: "id", FileType: "png"},
				ReplyTo: chat.Reference{User: "7", XCUser: "x", Fullname: "f", Message: "8", LocalID: "l", Type: 1001},
				Forward: chat.Reference{User: "9", Fullname: "g", Message: "10", LocalID: "m", RoomID: "g1"},
				Action:  chat.ActionAddParticipant, Target: chat.Target{User: u.ID, XCID: u.XCID, Name: u.Fullname},
			},
		} {
			m.App, m.Room, m.Sender, m.LocalID = app.ID, r.ID, u.ID, fmt.Sprint("local", i)
			want := say(t, st, m)
			var got chat.Message
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
				var found bool
				if got, found, err = tx.MessageByLocalID(ctx, app.ID, m.LocalID); err == nil && !found {
					t.Errorf("there is no message %q", m.LocalID)
				}
				return err
			})
			if got != want || got.Seq != int64(i+1) || got.ID == 0 || got.CreatedAt == 0 {
				t.Errorf("stored\n%+v\nfound\n%+v", want, got)
			}
		}
	})
}
