package store

import (
	"context"
	"testing"

	"parlor/internal/chat"
)

// TestErasingUsesIndexes: no step of an erasure, or of an export, walks more than its page.
func TestErasingUsesIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		one := fillWithScheduled(t, st, w.app.ID)
		plans := plansOf(t, o, sp)
		app, user := w.app.ID, w.viewer.ID
		write := func(do func(context.Context, *Tx) error) func(context.Context) error {
			return func(ctx context.Context) error { return st.Write(ctx, 0, do) }
		}
		of := chat.Erasure{App: app, User: user}
		var e chat.Erasure
		var x chat.Export
		for _, path := range []hotPath{
			{"messages", func(ctx context.Context) error { _, _, err := st.MessagesNaming(ctx, of, 100, 50); return err }},
			{"older messages", func(ctx context.Context) error {
				n := naming{erasure: of, list: make([]namedIn, 1), refs: []chat.Reference{{LocalID: "x"}}, of: make([]refOf, 1)}
				n.list[0].createdAt = chat.Forever
				return n.resolveOlder(ctx, st, w.rooms[0].ID, []int{0})
			}},
			{"senders", func(ctx context.Context) error {
				_, err := st.SendersOf(ctx, app, []chat.Reference{{Message: "7"}, {LocalID: "x"}})
				return err
			}},
			{"scheduled", func(ctx context.Context) error { _, _, _, err := st.ScheduledNaming(ctx, of, 100, 50); return err }},
			{"redact what is scheduled", write(func(ctx context.Context, tx *Tx) error { return tx.RedactScheduled(ctx, one) })},
			{"blocks", func(ctx context.Context) error { _, err := st.BlocksWith(ctx, user, 10); return err }},
			{"files", func(ctx context.Context) error { _, _, err := st.FilesOf(ctx, user, "5", 10); return err }},
			{"messages of a sender", func(ctx context.Context) error { _, _, err := st.MessagesBy(ctx, app, user, 100, 50); return err }},
			{"export rooms", func(ctx context.Context) error { _, err := st.ExportRooms(ctx, user, 3, 10); return err }},
			{"export contacts", func(ctx context.Context) error { _, err := st.ExportContacts(ctx, user, 3, 10); return err }},
			{"export blocks", func(ctx context.Context) error { _, err := st.ExportBlocks(ctx, user, 3, 10); return err }},
			{"export stars", func(ctx context.Context) error {
				_, err := st.ExportStars(ctx, user, chat.ExportedStar{Room: 3}, 10)
				return err
			}},
			{"export what is hidden", func(ctx context.Context) error {
				_, err := st.ExportHidden(ctx, user, chat.ExportedHidden{Room: 3}, 10)
				return err
			}},
			{"export logins", func(ctx context.Context) error { _, err := st.ExportLogins(ctx, user, 10); return err }},
			{"export reports", func(ctx context.Context) error { _, err := st.ExportReports(ctx, user, 10); return err }},
			{"export scheduled", func(ctx context.Context) error { _, err := st.ExportScheduled(ctx, user, 10); return err }},
			{"archives", func(ctx context.Context) error { _, err := st.ArchivesOf(ctx, user); return err }},
			{"hold who is named", write(func(ctx context.Context, tx *Tx) error {
				return tx.HoldNamed(ctx, []NamedUser{{user, w.viewer.XCID}})
			})},
			{"begin an export", write(func(ctx context.Context, tx *Tx) (err error) { x, err = tx.AddExport(ctx, app, user); return err })},
			{"show an export", func(ctx context.Context) error { _, err := st.Export(ctx, app, x.ID); return err }},
			{"hold an export", write(func(ctx context.Context, tx *Tx) error { _, err := tx.ExportForUpdate(ctx, app, x.ID); return err })},
			{"end an export", write(func(ctx context.Context, tx *Tx) error { return tx.EndExport(ctx, x) })},
			{"what is kept in rooms", write(func(ctx context.Context, tx *Tx) error { _, err := tx.EraseInRooms(ctx, user, 20); return err })},
			{"settings of rooms", write(func(ctx context.Context, tx *Tx) error {
				_, _, err := tx.ErasePreferences(ctx, user, 3, 20)
				return err
			})},
			{"photos", write(func(ctx context.Context, tx *Tx) error { _, err := tx.ErasePhotos(ctx, app, user); return err })},
			{"contacts", write(func(ctx context.Context, tx *Tx) error { _, err := tx.EraseContacts(ctx, user, 10); return err })},
			{"reports", write(func(ctx context.Context, tx *Tx) error { _, err := tx.EraseReports(ctx, user, 10); return err })},
			{"devices", write(func(ctx context.Context, tx *Tx) error { _, err := tx.EraseDevices(ctx, user); return err })},
			{"count what goes with the user", write(func(ctx context.Context, tx *Tx) error {
				_, err := tx.LeavingWith(ctx, app, w.viewer.XCID)
				return err
			})},
			{"begin", write(func(ctx context.Context, tx *Tx) (err error) {
				e, err = tx.AddErasure(ctx, *w.viewer, chat.Erased{})
				return err
			})},
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
				path.look(t, sp, plans)
			})
		}
	})
}
