package service_test

import (
	"context"
	"fmt"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// BenchmarkOnce shows what a key costs: a send without one, a send under one, which is two commits, and a repeat
// beside a plain read. What an entry of the audit log costs, too.
func BenchmarkOnce(b *testing.B) {
	for _, engine := range []struct {
		name    string
		options func(testing.TB) store.Options
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) {
			w := newKeyedWorld(b, engine.options(b))
			b.Run("send", func(b *testing.B) {
				for b.Loop() {
					if _, err := w.send(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
			n := 0
			b.Run("send-under-key", func(b *testing.B) {
				for b.Loop() {
					n++
					if _, again, err := w.svc.Once(b.Context(), w.key(fmt.Sprint("k", n)), w.send); err != nil || again {
						b.Fatal(err)
					}
				}
			})
			never := func(context.Context) ([]byte, error) { return nil, errDied }
			b.Run("repeat", func(b *testing.B) {
				for b.Loop() {
					if _, again, err := w.svc.Once(b.Context(), w.key("k1"), never); err != nil || !again {
						b.Fatal(err)
					}
				}
			})
			b.Run("read", func(b *testing.B) {
				backend := w.svc.Backend(w.app)
				for b.Loop() {
					if _, err := backend.Room(b.Context(), service.RoomName{XCID: "r"}, chat.Page{Limit: 10}); err != nil {
						b.Fatal(err)
					}
				}
			})
			put := func(ctx context.Context) error {
				_, err := w.svc.Backend(w.app).PutUser(ctx, chat.UserUpdate{XCID: "ana", Fullname: "ana"})
				return err
			}
			b.Run("put-user", func(b *testing.B) {
				for b.Loop() {
					if err := put(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("put-user-audited", func(b *testing.B) {
				entry := chat.AuditEntry{App: w.app.ID, Action: "/server/user/update"}
				for b.Loop() {
					if err := w.svc.Audited(b.Context(), entry, put); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
