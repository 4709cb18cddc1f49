// Package storetest gives tests a fresh Store on each engine.
package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parlor/internal/store"
	"parlor/test/env/pgtest"
)

// Each runs test on a fresh SQLite database and on a fresh PostgreSQL one. The package's
// TestMain must be pgtest.Main.
func Each(t *testing.T, test func(t *testing.T, st *store.Store)) {
	t.Helper()
	EachOptions(t, func(t *testing.T, o store.Options) { test(t, Open(t, o)) })
}

// EachOptions is Each for tests that open the database themselves, or more than once.
func EachOptions(t *testing.T, test func(t *testing.T, o store.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite names a new database in a folder that goes with the test. It has its tables, and nothing in them.
func SQLite(t testing.TB) store.Options {
	t.Helper()
	o := EmptySQLite(t)
	content, err := migrated()
	if err == nil {
		err = os.WriteFile(o.Path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// EmptySQLite is SQLite without the file, as the first start of a server finds it.
func EmptySQLite(t testing.TB) store.Options {
	t.Helper()
	return store.Options{Path: filepath.Join(t.TempDir(), "parlor.db")}
}

// migrated is a SQLite database with its tables. To make it takes far longer than to copy it.
var migrated = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "parlor-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	o := store.Options{Path: filepath.Join(dir, "parlor.db")}
	if err := store.Migrate(context.Background(), o); err != nil { // not for one test alone
		return nil, err
	}
	return os.ReadFile(o.Path)
})

// Postgres names a new database on the test binary's own PostgreSQL. It has its tables, and nothing in them.
func Postgres(t testing.TB) store.Options {
	t.Helper()
	dsn, err := pgtest.Shared(t).Copy(t.Context(), func(ctx context.Context, dsn string) error {
		return store.Migrate(ctx, store.Options{DSN: dsn})
	})
	if err != nil {
		t.Fatal(err)
	}
	return store.Options{DSN: dsn}
}

// EmptyPostgres is Postgres without the tables, as the first start of a server finds it.
func EmptyPostgres(t testing.TB) store.Options {
	t.Helper()
	dsn, err := pgtest.Shared(t).Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return store.Options{DSN: dsn}
}

// Open opens a store that is closed with the test.
func Open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}
