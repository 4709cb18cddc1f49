package store

import (
	"slices"
	"testing"

	"parlor/internal/store/engine"
)

// ofNoApp are the tables that the deletion of an App passes by, and why.
func ofNoApp(o Options) map[string]string {
	const server, app = "the server's own", "of Apps, and goes by itself or stays on purpose"
	known := map[string]string{
		"heartbeat": server, "change_counter": server, "installation": server, "nodes": server, "presence_nodes": server,
		"schema_migrations": server, "sqlite_sequence": server, "audit_kept": server,
		"local_id_generations": server, "local_id_filters": server, "older_local_ids": server,
		"local_ids":     app + ": hashes, for 61 days",
		"announcements": app + ": for ten minutes",
		"apps":          app + ": a number that stands for no other App",
		"app_deletions": app + ": what is kept of an App",
		"jobs":          "DropJobs", "files": "PurgeFile", "file_messages": "PurgeFile", "room_photos": "PurgeFile",
	}
	if o.DSN != "" { // on SQLite they are in the index's file
		known["message_search"], known["search_state"], known["search_hours"] = "goes with messages", server, server
	}
	return known
}

// TestAppDeletionKnowsAllTables: whoever adds a table decides what the deletion of an App does about it: a line in
// appParts, or one here.
func TestAppDeletionKnowsAllTables(t *testing.T) {
	if len(appParts) != AppParts {
		t.Errorf("there are %d parts, not %d", len(appParts), AppParts)
	}
	eachEngine(t, func(t *testing.T, o Options) {
		known := ofNoApp(o)
		for _, part := range appParts {
			known[part.owners] = "an owner"
			for _, table := range part.tables {
				if !table.postgresOnly || o.DSN != "" {
					known[table.name] = "a part"
				}
			}
		}
		delete(known, "")
		st, _ := openSpied(t, o, true)
		tables := `SELECT m.name FROM sqlite_master m WHERE m.type = 'table'`
		if o.DSN != "" {
			tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
		}
		var got []string
		err := engine.Each(t.Context(), st.eng, func(r engine.Row) error {
			var name string
			err := r.Scan(&name)
			got = append(got, name)
			if known[name] == "" {
				t.Errorf("the deletion of an App does not know the table %s; add a line to appParts", name)
			}
			return err
		}, tables)
		if err != nil {
			t.Fatal(err)
		}
		for name := range known {
			if !slices.Contains(got, name) && name != "sqlite_sequence" {
				t.Errorf("there is no table %s", name)
			}
		}
	})
}
