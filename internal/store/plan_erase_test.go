package store

import (
	"context"
	"strings"
	"testing"

	"parlor/internal/chat"
)

// TestErasingUsesIndexes: no step of an erasure walks more than its page.
func TestErasingUsesIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		plans := plansOf(t, o, sp)
		app, user := w.app.ID, w.viewer.ID
		write := func(do func(context.Context, *Tx) error) func(context.Context) error {
			return func(ctx context.Context) error { return st.Write(ctx, 0, do) }
		}
		var e chat.Erasure
		for _, path := range []hotPath{
			{"messages", func(ctx context.Context) error { _, _, err := st.MessagesNaming(ctx, app, user, 100, 50); return err }},
			{"blocks", func(ctx context.Context) error { _, err := st.BlocksWith(ctx, user, 10); return err }},
			{"files", func(ctx context.Context) error { _, _, err := st.FilesOf(ctx, user, "5", 10); return err }},
			{"settings of rooms", write(func(ctx context.Context, tx *Tx) error { _, _, err := tx.EraseInRooms(ctx, user, 3, 20); return err })},
			{"photos", write(func(ctx context.Context, tx *Tx) error { _, err := tx.ErasePhotos(ctx, app, user); return err })},
			{"contacts", write(func(ctx context.Context, tx *Tx) error { _, err := tx.EraseContacts(ctx, user, 10); return err })},
			{"reports", write(func(ctx context.Context, tx *Tx) error { _, err := tx.EraseReports(ctx, user, 10); return err })},
			{"devices", write(func(ctx context.Context, tx *Tx) error { _, err := tx.EraseDevices(ctx, user); return err })},
			{"begin", write(func(ctx context.Context, tx *Tx) (err error) { e, err = tx.AddErasure(ctx, *w.viewer); return err })},
			{"show", func(ctx context.Context) error { _, err := st.Erasure(ctx, app, e.ID); return err }},
			{"hold and store", write(func(ctx context.Context, tx *Tx) error {
				held, err := tx.ErasureForUpdate(ctx, app, e.ID)
				if err != nil {
					return err
				}
				return tx.SetErasure(ctx, held)
			})},
		} {
			t.Run(path.name, func(t *testing.T) {
				sp.reset()
				if err := path.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				seen := 0
				for _, s := range sp.reset() {
					if !strings.Contains(s.query, "SAVEPOINT") {
						plans(t, s)
						seen++
					}
				}
				if seen == 0 {
					t.Error("it ran no statement, so nothing was looked at")
				}
			})
		}
	})
}
