package store_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

func TestMigrate(t *testing.T) {
	migrated := func(t *testing.T, o store.Options) {
		before, err := store.Schema(t.Context(), o)
		if err != nil || before.Current != 0 || before.Newest == 0 || !before.Pending() {
			t.Errorf("an empty database: %+v (%v)", before, err)
		}
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		after, err := store.Schema(t.Context(), o)
		if err != nil || after.Current != before.Newest || after.Pending() {
			t.Errorf("after the first start: %+v (%v)", after, err)
		}

		const history = "SELECT version_id || ' at ' || tstamp FROM schema_migrations ORDER BY id"
		first := storetest.Query(t, o, history)
		again := storetest.Open(t, o)
		if second := storetest.Query(t, o, history); !slices.Equal(first, second) {
			t.Errorf("the second start migrated: %v, then %v", first, second)
		}
		if got, err := again.App(t.Context(), "a"); err != nil || got != app {
			t.Errorf("after the second start: %+v (%v)", got, err)
		}
	}
	t.Run("sqlite", func(t *testing.T) { migrated(t, storetest.EmptySQLite(t)) })
	t.Run("postgres", func(t *testing.T) { migrated(t, storetest.EmptyPostgres(t)) })
}

// TestNewerDatabase: a binary that does not know a schema must not touch it.
func TestNewerDatabase(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		storetest.Exec(t, o, "INSERT INTO schema_migrations (version_id, is_applied) VALUES (4711, TRUE)")
		st, err = store.Open(t.Context(), o)
		if err == nil {
			_ = st.Close()
			t.Fatal("a newer database was opened")
		}
		for _, want := range []string{"schema 4711", "newer"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
		}
		if status, err := store.Schema(t.Context(), o); err != nil || status.Current != 4711 {
			t.Errorf("its schema: %+v (%v)", status, err)
		}
	})
}

func TestMigrationsOfBothEngines(t *testing.T) {
	names := func(engine string) []string {
		files, err := filepath.Glob(filepath.Join("migrations", engine, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("migrations of %s: %v (%v)", engine, files, err)
		}
		for i, file := range files {
			files[i] = filepath.Base(file)
		}
		return files
	}
	sqlite, postgres := names("sqlite"), names("postgres")
	if !slices.Equal(sqlite, postgres) {
		t.Errorf("sqlite has %v, postgres %v", sqlite, postgres)
	}
	for i, name := range sqlite {
		if !regexp.MustCompile(`^\d{4}_[a-z0-9_]+\.sql$`).MatchString(name) || i > 0 && name[:4] <= sqlite[i-1][:4] {
			t.Errorf("%s is not the name of migration %d", name, i+1)
		}
	}
}

// TestSchemasOfBothEngines compares what the migrations have made: tables, columns, what
// may be NULL, defaults and indexes.
func TestSchemasOfBothEngines(t *testing.T) {
	sqlite, postgres := storetest.SQLite(t), storetest.Postgres(t)
	storetest.Open(t, sqlite)
	storetest.Open(t, postgres)
	for _, part := range []struct{ name, sqlite, postgres string }{
		{
			"columns", `
			SELECT m.name || '.' || c.name || ' ' || CASE c.type
				WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' ELSE lower(c.type) END ||
				CASE WHEN c."notnull" OR c.pk THEN ' not null' ELSE '' END ||
					' ' || replace(lower(coalesce(c.dflt_value, '')), 'x''''', '''''')
			FROM sqlite_schema m, pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT IN ('schema_migrations', 'sqlite_sequence')`, `
			SELECT table_name || '.' || column_name || ' ' || data_type ||
				CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END ||
					' ' || replace(regexp_replace(coalesce(column_default, ''), '::[a-z]+', ''), '\x', '')
			FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'`,
		},
		{
			"the columns' order", `
			SELECT m.name || ': ' || group_concat(c.name, ' ' ORDER BY c.cid) FROM sqlite_schema m, pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT IN ('schema_migrations', 'sqlite_sequence') GROUP BY m.name`, `
			SELECT table_name || ': ' || string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name <> 'schema_migrations' GROUP BY table_name`,
		},
		{
			"named indexes", `
			SELECT m.name || CASE WHEN i."unique" THEN ' unique ' ELSE ' ' END ||
				(SELECT group_concat(coalesce(x.name, 'expression'), ' ' ORDER BY x.seqno) FROM pragma_index_info(m.name) x) ||
				CASE WHEN i.partial THEN ' partial' ELSE '' END
			FROM sqlite_schema m JOIN sqlite_schema t ON t.name = m.tbl_name AND t.type = 'table',
				pragma_index_list(t.name) i
			WHERE m.type = 'index' AND i.name = m.name AND m.sql IS NOT NULL AND t.name <> 'schema_migrations'`, `
			SELECT c.relname || CASE WHEN i.indisunique THEN ' unique ' ELSE ' ' END ||
				(SELECT string_agg(regexp_replace(a.attname, '^(lower|expr)[0-9]*$', 'expression'), ' ' ORDER BY a.attnum)
					FROM pg_attribute a WHERE a.attrelid = c.oid) ||
				CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
			JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
			WHERE t.relname <> 'schema_migrations' AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)`,
		},
		{
			"primary keys", `
			SELECT m.name || ': ' || group_concat(c.name, ' ' ORDER BY c.pk) FROM sqlite_schema m, pragma_table_info(m.name) c
			WHERE m.type = 'table' AND c.pk > 0 AND m.name NOT IN ('schema_migrations', 'sqlite_sequence') GROUP BY m.name`, `
			SELECT t.relname || ': ' || string_agg(a.attname, ' ' ORDER BY a.attnum) FROM pg_index i
			JOIN pg_class t ON t.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = i.indexrelid
			JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
			WHERE i.indisprimary AND t.relname <> 'schema_migrations' GROUP BY t.relname`,
		},
		{
			"foreign keys", `
			SELECT m.name || '.' || f."from" || ' -> ' || f."table" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
			WHERE m.type = 'table'`, `
			SELECT t.relname || '.' || a.attname || ' -> ' || r.relname FROM pg_constraint k
			JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
			JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) WHERE k.contype = 'f'`,
		},
	} {
		got, want := storetest.Query(t, sqlite, part.sqlite), storetest.Query(t, postgres, part.postgres)
		slices.Sort(got)
		slices.Sort(want)
		if len(got) == 0 {
			t.Errorf("%s: nothing was found to compare", part.name)
		}
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("%s: only sqlite has %q", part.name, line)
			}
		}
		for _, line := range want {
			if strings.HasPrefix(line, "search_") || strings.HasPrefix(line, "message_search") {
				continue // SQLite has the search index in a file of its own
			}
			if !slices.Contains(got, line) {
				t.Errorf("%s: only postgres has %q", part.name, line)
			}
		}
	}
}
