package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// SchemaStatus says how far a database's schema is.
type SchemaStatus struct {
	Current int64 // the newest migration that was applied, 0 for an empty database
	Newest  int64 // the newest migration that this binary has
}

// Pending reports whether Migrate has something to do.
func (s SchemaStatus) Pending() bool { return s.Current < s.Newest }

// Schema reads how far the database's schema is. It makes nothing where there is no
// database of Parlor's: it may be somebody else's.
func Schema(ctx context.Context, c Config) (st SchemaStatus, err error) {
	ours, err := isOurs(ctx, c)
	if err != nil {
		return st, err
	}
	if !ours {
		names, err := fs.Glob(c.Migrations, "sqlite/*.sql")
		if err == nil && len(names) > 0 {
			st.Newest, err = goose.NumericComponent(names[len(names)-1]) // the names are in order
		}
		return st, err
	}
	err = withMigrations(ctx, c, false, func(p *goose.Provider) error {
		st.Current, st.Newest, err = p.GetVersions(ctx)
		return err
	})
	return st, err
}

// isOurs reports whether somebody has begun to make a Parlor of the database.
func isOurs(ctx context.Context, c Config) (ours bool, err error) {
	question := `SELECT to_regclass('schema_migrations') IS NOT NULL`
	if c.DSN == "" {
		if _, err := os.Stat(c.Path); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		question = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations')`
	}
	db, _, _, err := migrationDB(c)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, question).Scan(&ours)
	return ours, err
}

// Migrate brings the schema up to date, each step in its own transaction. It refuses a
// database that a newer binary has migrated: this one would misread it. With several
// nodes, one migrates and the others wait for it.
func Migrate(ctx context.Context, c Config) error {
	return withMigrations(ctx, c, true, func(p *goose.Provider) error {
		current, newest, err := p.GetVersions(ctx)
		if err != nil {
			return err
		}
		if current > newest {
			return fmt.Errorf("the database has schema %d, this binary knows up to %d: run the newer parlor", current, newest)
		}
		if current == newest {
			return nil
		}
		_, err = p.Up(ctx)
		return err
	})
}

// withMigrations gives do the migrations. Behind a pooler exclusive keeps others out meanwhile;
// without one, goose does so itself.
func withMigrations(ctx context.Context, c Config, exclusive bool, do func(*goose.Provider) error) (err error) {
	db, dialect, folder, err := migrationDB(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	behindPooler := false
	if dialect == goose.DialectPostgres {
		if behindPooler, err = isPooled(c.DSN); err != nil {
			return err
		}
	}
	files, err := fs.Sub(c.Migrations, folder)
	if err != nil {
		return err
	}
	opts := []goose.ProviderOption{goose.WithTableName("schema_migrations")}
	if dialect == goose.DialectPostgres && !behindPooler {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, db, files, opts...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if behindPooler && exclusive {
		err = inLockedTx(ctx, db, func() error { return do(p) })
	} else {
		err = do(p)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func migrationDB(c Config) (*sql.DB, goose.Dialect, string, error) {
	if c.DSN == "" {
		db, err := openSQLiteWriter(c.Path)
		return db, goose.DialectSQLite3, "sqlite", err
	}
	cfg, err := pgConfig(c.DSN)
	if err != nil {
		return nil, "", "", err
	}
	// A migration of a large table takes the time that it takes.
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		if !pooled(cfg.ConnConfig) {
			cfg.ConnConfig.RuntimeParams[limit] = "0"
		}
	}
	return stdlib.OpenDB(*cfg.ConnConfig), goose.DialectPostgres, "postgres", nil
}
