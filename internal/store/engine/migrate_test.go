package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"parlor/internal/store/engine"
)

// only leaves those migrations of things whose names begin with a number.
func only(t *testing.T, number string) fs.FS {
	t.Helper()
	some := fstest.MapFS{}
	for _, folder := range []string{"sqlite", "postgres"} {
		names, err := fs.Glob(things(), folder+"/"+number+"_*.sql")
		if err != nil || len(names) == 0 {
			t.Fatal("no such migration", err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(things(), name)
			if err != nil {
				t.Fatal(err)
			}
			some[name] = &fstest.MapFile{Data: data}
		}
	}
	return some
}

func schema(t *testing.T, c engine.Config) engine.SchemaStatus {
	t.Helper()
	st, err := engine.Schema(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestMigrateFromNothing(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		if st := schema(t, c); st.Current != 0 || st.Newest != 2 || !st.Pending() {
			t.Errorf("an empty database: %+v", st)
		}
		if c.DSN == "" {
			if _, err := os.Stat(c.Path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the question has made a database: %v", err)
			}
		}
		for range 2 { // the second time there is nothing to do
			write(t, start(t, open(t, c), engine.Options[*job]{}), &job{run: func(ctx context.Context, tx engine.Tx) error {
				var n int
				return tx.Row(ctx, "SELECT COUNT(*) FROM things").Scan(&n)
			}})
			if st := schema(t, c); st.Current != 2 || st.Pending() {
				t.Errorf("a migrated database: %+v", st)
			}
		}
	})
}

// TestMigrateFromAnOlderState: what is there stays, and only what is missing is done.
func TestMigrateFromAnOlderState(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		older := c
		older.Migrations = only(t, "0001")
		eng := open(t, older)
		write(t, start(t, eng, engine.Options[*job]{}), &job{run: func(ctx context.Context, tx engine.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE heartbeat SET at = 4711")
			return err
		}})
		if st := schema(t, c); st.Current != 1 || st.Newest != 2 || !st.Pending() {
			t.Errorf("an older database: %+v", st)
		}
		eng = open(t, c)
		var at int
		if err := eng.Row(t.Context(), "SELECT at FROM heartbeat").Scan(&at); err != nil || at != 4711 {
			t.Errorf("what was there before: %d, %v", at, err)
		}
		write(t, start(t, eng, engine.Options[*job]{}), makes("thing"))
	})
}

// TestFailedMigration leaves the steps before it, and nothing of itself.
func TestFailedMigration(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		bad := c
		files := things().(fstest.MapFS)
		for _, folder := range []string{"sqlite", "postgres"} {
			files[folder+"/0003_bad.sql"] = &fstest.MapFile{Data: []byte(`-- +goose Up
				CREATE TABLE half (id BIGINT);
				INSERT INTO no_such_table (id) VALUES (1);`)}
		}
		bad.Migrations = files
		if err := engine.Migrate(t.Context(), bad); err == nil {
			t.Fatal("a broken migration was applied")
		}
		if st := schema(t, bad); st.Current != 2 || !st.Pending() {
			t.Errorf("after it: %+v", st)
		}
		var n int
		if err := open(t, c).Row(t.Context(), "SELECT COUNT(*) FROM half").Scan(&n); err == nil {
			t.Error("the half of it is there")
		}
	})
}

// TestNewerDatabase: a binary that does not know a schema must not touch it.
func TestNewerDatabase(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		open(t, c)
		older := c
		older.Migrations = only(t, "0001")
		err := engine.Migrate(t.Context(), older)
		if err == nil {
			t.Fatal("a newer database was taken")
		}
		for _, want := range []string{"schema 2", "up to 1", "newer"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
		}
	})
}

// TestMigrateTogether: several nodes of one version start on an empty database.
func TestMigrateTogether(t *testing.T) {
	c := postgres(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := engine.Migrate(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	open(t, c)
}

// TestDataFolderIsPrivate: what is in it is nobody's business but the operator's.
func TestDataFolderIsPrivate(t *testing.T) {
	c := sqlite(t)
	c.Path = filepath.Join(t.TempDir(), "new", "test.db")
	open(t, c)
	for path, want := range map[string]os.FileMode{filepath.Dir(c.Path): 0o700, c.Path: 0o600, c.Path + "-wal": 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has the mode %o, want %o", path, got, want)
		}
	}
}

// TestFilesThatAreGone: under a server whose files were taken away nothing counts as stored.
func TestFilesThatAreGone(t *testing.T) {
	for _, which := range []string{"", "-wal"} {
		t.Run(fmt.Sprint("database", which), func(t *testing.T) {
			c := sqlite(t)
			eng := open(t, c)
			lanes := start(t, eng, engine.Options[*job]{})
			write(t, lanes, makes("before"))
			if err := eng.InPlace(); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(c.Path+which, c.Path+".moved"); err != nil {
				t.Fatal(err)
			}
			if err := eng.InPlace(); !errors.Is(err, engine.ErrDisplaced) {
				t.Errorf("in place: %v", err)
			}
			if _, err := lanes.Write(t.Context(), 0, makes("gone")); !errors.Is(err, engine.ErrDisplaced) {
				t.Errorf("a write: %v", err)
			}
			if err := os.Rename(c.Path+".moved", c.Path+which); err != nil {
				t.Fatal(err)
			}
			write(t, lanes, makes("after"))
		})
	}
}
