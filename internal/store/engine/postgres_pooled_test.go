package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parlor/internal/store/engine"
	"parlor/test/env/pgtest"
)

// TestWritesAreDurableWhateverTheServerSays: synchronous_commit is on in every transaction,
// and the other limits are in force, even where the database's own settings are others and
// the pooler takes none.
func TestWritesAreDurableWhateverTheServerSays(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(testing.TB) engine.Config
	}{{"postgres", postgres}, {"pgbouncer", pgbouncer}} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.make(t)
			conf, err := pgx.ParseConfig(c.DSN)
			if err != nil {
				t.Fatal(err)
			}
			admin, err := pgx.ConnectConfig(t.Context(), conf)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := admin.Exec(t.Context(), "ALTER DATABASE "+conf.Database+" SET synchronous_commit = off"); err != nil {
				t.Fatal(err)
			}
			_ = admin.Close(context.Background())
			lanes := start(t, open(t, c), engine.Options[*job]{})
			var commit, statement, lock, isolation string
			write(t, lanes, &job{run: func(ctx context.Context, tx engine.Tx) error {
				return tx.Row(ctx, `SELECT current_setting('synchronous_commit'), current_setting('statement_timeout'),
					current_setting('lock_timeout'), current_setting('transaction_isolation')`).
					Scan(&commit, &statement, &lock, &isolation)
			}})
			if commit != "on" || statement != "15s" || lock != "10s" || isolation != "read committed" {
				t.Errorf("synchronous_commit %s, statement_timeout %s, lock_timeout %s, isolation %s",
					commit, statement, lock, isolation)
			}
		})
	}
}

// TestPoolerLeadsElsewhere: a pooler that turns to another cluster is found out at once, though
// no connection of Parlor's has broken.
func TestPoolerLeadsElsewhere(t *testing.T) {
	pgtest.Wanted(t)
	c := postgres(t)
	bouncer := pgtest.StartBouncer(t, pgtest.Shared(t))
	direct := c.DSN
	c.DSN = bouncer.Through(t, direct)
	lanes := start(t, open(t, c), engine.Options[*job]{})
	write(t, lanes, makes("here"))

	other, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Stop)
	name, err := pgx.ParseConfig(direct)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := pgx.Connect(t.Context(), other.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name.Database); err != nil {
		t.Fatal(err)
	}
	_ = admin.Close(context.Background())
	there := c
	there.DSN = other.DSN(name.Database)
	open(t, there)

	bouncer.Lead(t, other)
	eventually(t, "the pooler leads to the other cluster", func() bool {
		_, err = lanes.Write(t.Context(), 0, makes("there"))
		return err != nil
	})
	if !strings.Contains(err.Error(), "another PostgreSQL cluster") {
		t.Errorf("%v; want to be told of the other cluster", err)
	}
}

// TestMigrationsBehindAPooler exclude each other, and leave no lock behind.
func TestMigrationsBehindAPooler(t *testing.T) {
	pgtest.Wanted(t)
	c := pgbouncer(t)
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() { errs[i] = engine.Migrate(t.Context(), c) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	write(t, start(t, open(t, c), engine.Options[*job]{}), makes("migrated"))
}

// TestUnsure: what a pooler says of a connection that it has lost in a commit leaves open
// whether that took place.
func TestUnsure(t *testing.T) {
	eng := open(t, postgres(t))
	for code, want := range map[string]bool{"08P01": true, "08006": true, "40001": false, "53100": false, "23505": false} {
		if got := eng.Unsure(fmt.Errorf("commit: %w", &pgconn.PgError{Code: code})); got != want {
			t.Errorf("%s: %t, want %t", code, got, want)
		}
	}
}
