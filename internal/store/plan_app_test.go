package store

import (
	"context"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// TestAppDeletionUsesIndexes: no step of the deletion of an App walks more than what it takes away.
func TestAppDeletionUsesIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		fillWithScheduled(t, st, w.app.ID)
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			_, err := tx.conn.Exec(ctx, `INSERT INTO room_tags (app_id, tag, room_id) SELECT app_id, name, id FROM rooms`)
			return err
		})
		plans := plansOf(t, o, sp)
		write := func(do func(context.Context, *Tx) error) func(context.Context) error {
			return func(ctx context.Context) error { return st.Write(ctx, 0, do) }
		}
		owners := map[string][]int64{"rooms": {int64(w.rooms[7].ID), 3}, "users": {int64(w.viewer.ID), 3}, "webhooks": {7, 3}}
		paths := []hotPath{
			{"owners of files", func(ctx context.Context) error { _, err := st.FileOwners(ctx, w.app.ID, 3, 10); return err }},
			{"open deletions", func(ctx context.Context) error { _, err := st.AppDeletions(ctx, false); return err }},
		}
		for _, part := range appParts {
			if part.owners != "" {
				paths = append(paths, hotPath{part.owners, write(func(ctx context.Context, tx *Tx) error {
					_, err := tx.owners(ctx, part, AppPurge{App: w.app.ID, After: 3})
					return err
				})})
			}
			for _, table := range part.tables {
				if part.owners == "" {
					continue // of all rows of the only App so many as are asked for, which a plan does not say
				}
				paths = append(paths, hotPath{table.name + " of " + part.owners, write(func(ctx context.Context, tx *Tx) error {
					_, err := tx.purgeOf(ctx, table, owners[part.owners], 10)
					return err
				})})
			}
		}
		for _, table := range fileTables {
			paths = append(paths, hotPath{table.name + " of a file", write(func(ctx context.Context, tx *Tx) error {
				_, err := tx.purge(ctx, table, table.of+` = $1`, string(chat.NewFileID()), 10)
				return err
			})})
		}
		for _, path := range paths {
			t.Run(path.name, func(t *testing.T) { path.look(t, sp, plans) })
		}
	})
}

// TestReferencesHaveIndexes: a row that goes is looked for in every table that refers to it, each time.
func TestReferencesHaveIndexes(t *testing.T) {
	st, _ := openSpied(t, Options{Path: t.TempDir() + "/parlor.db"}, true)
	err := engine.Each(t.Context(), st.eng, func(r engine.Row) error {
		var column string
		err := r.Scan(&column)
		t.Errorf("%s has no index that begins with it", column)
		return err
	}, `SELECT m.name || '.' || f."from" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
		WHERE m.type = 'table' AND f."table" <> 'apps' -- whose rows stay
			AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = f."from" AND c.pk = 1)
			AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) i, pragma_index_info(i.name) x
				WHERE x.seqno = 0 AND x.name = f."from" AND i.partial = 0)`)
	if err != nil {
		t.Fatal(err)
	}
}
