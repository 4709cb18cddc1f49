package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// BenchmarkAppendMessages sends messages from many callers at once, spread over rooms:
// what it costs is the lanes' part and the engine's, with commits that many share.
func BenchmarkAppendMessages(b *testing.B) {
	for _, engine := range []struct {
		name    string
		options func(testing.TB) store.Options
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) {
			st := storetest.Open(b, engine.options(b))
			app := makeApp(b, st, "a")
			u := makeUser(b, st, app, chat.UserUpdate{XCID: "u"})
			rooms := make([]chat.Room, 64)
			for i := range rooms {
				rooms[i] = makeRoom(b, st, app, fmt.Sprint("r", i))
			}
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(64)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					room := rooms[i%int64(len(rooms))].ID
					m := store.NewMessage{FreshID: true, Message: chat.Message{
						App: app.ID, Room: room, Sender: u.ID, LocalID: fmt.Sprintf("%032d", i),
						Type: chat.TextMessage, Body: "some words of no weight",
					}}
					if _, err := st.AppendMessages(b.Context(), store.Author{}, int64(room), []store.NewMessage{m}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
