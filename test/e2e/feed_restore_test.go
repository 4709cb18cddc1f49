package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"parlor/internal/store"
	"parlor/test/env/servertest"
)

// TestFeedOfARestoredDatabase: a reader whose cursor is of what a restore has lost is told all that happens from
// then on, and no id twice.
func TestFeedOfARestoredDatabase(t *testing.T) {
	t.Parallel()
	for _, compact := range []bool{false, true} {
		t.Run(fmt.Sprintf("compact %v", compact), func(t *testing.T) {
			cfg, restored := servertest.SQLite(t), servertest.EmptySQLite(t)
			s := servertest.Start(t, cfg, nil)
			a := s.Default()
			do(t, a, "role/create_or_update", obj{"code": "before"})
			putUsers(t, a, "a")
			copied := filepath.Join(restored.Data, "parlor.db")
			err := store.Backup(t.Context(), filepath.Join(cfg.Data, "parlor.db"), copied, store.BackupOptions{Compact: compact})
			if err != nil {
				t.Fatal(err)
			}
			ids := map[string]bool{}
			cursor := readOn(t, a, "", ids)
			for i := range 20 {
				putUsers(t, a, fmt.Sprint("lost", i))
			}
			cursor = readOn(t, a, cursor, ids)
			if len(ids) != 21 {
				t.Fatalf("%d events", len(ids))
			}
			s.Stop(t)

			b := servertest.Start(t, restored, nil).Default()
			for i := range 15 {
				putUsers(t, b, fmt.Sprint("new", i))
			}
			readOn(t, b, cursor, ids)
			if len(ids) != 36 {
				t.Errorf("%d events, of which 15 are of the restored database", len(ids))
			}
			// A copy of the files made by hand counts on as the original does. What is ahead of it is told.
			refuse(t, b, "events/list", obj{"cursor": "zzzzzzzzzzzz-0"}, failure{
				"40901", "The cursor is of a later state of the database, which has been restored; leave it out to begin with " +
					"the oldest event that is kept", "",
			})
		})
	}
}

// readOn reads all events behind a cursor, notes their ids, and returns where the next will be.
func readOn(t *testing.T, a *servertest.App, cursor string, ids map[string]bool) string {
	t.Helper()
	for {
		page := ask[struct {
			Events  []struct{ ID string }
			Cursor  string
			HasMore bool
		}](t, a, "events/list", obj{"cursor": cursor, "limit": 10})
		for _, e := range page.Events {
			if ids[e.ID] {
				t.Errorf("%s came twice", e.ID)
			}
			ids[e.ID] = true
		}
		if cursor = page.Cursor; !page.HasMore {
			return cursor
		}
	}
}
