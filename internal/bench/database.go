package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// database is an embedded database in a folder of its own, or a schema of its own in
// the PostgreSQL database that was given: so nothing of what is there already is
// touched, and every database starts empty.
type database struct {
	folder string
	dsn    string // "" of an embedded one
}

// analyse tells PostgreSQL what there is of what.
const analyse = "ANALYZE users, rooms, participants, messages"

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// file is where the server keeps an embedded database.
func (db database) file() string { return filepath.Join(db.folder, "parlor.db") }

// newDatabase names an empty database.
func (g *rig) newDatabase(ctx context.Context, name string) (database, error) {
	db := database{folder: g.folder(name)}
	if g.o.Database == "" {
		return db, nil
	}
	schema := "parlor_bench_" + g.run + "_" + strings.ReplaceAll(g.row+"_"+name, "-", "_")
	u, err := url.Parse(g.o.Database)
	if err != nil {
		return db, fmt.Errorf("database address: %w", err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	db.dsn = u.String()
	g.schemas = append(g.schemas, schema)
	return db, postgres(ctx, g.o.Database, "CREATE SCHEMA "+pgx.Identifier{schema}.Sanitize())
}

func (g *rig) dropSchemas(ctx context.Context) error {
	if len(g.schemas) == 0 {
		return nil
	}
	var drops []string
	for _, s := range g.schemas {
		drops = append(drops, "DROP SCHEMA IF EXISTS "+pgx.Identifier{s}.Sanitize()+" CASCADE")
	}
	return postgres(ctx, g.o.Database, drops...)
}

// postgres runs statements in turn.
func postgres(ctx context.Context, dsn string, statements ...string) error {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer c.Close(context.WithoutCancel(ctx))
	for _, st := range statements {
		if _, err := c.Exec(ctx, st); err != nil {
			return fmt.Errorf("%s: %w", st, err)
		}
	}
	return nil
}

// databaseVersion names the database for the report, with what its figures depend on.
func (g *rig) databaseVersion(ctx context.Context) (string, error) {
	if g.o.Database == "" {
		return "embedded SQLite", nil
	}
	c, err := pgx.Connect(ctx, g.o.Database)
	if err != nil {
		return "", fmt.Errorf("database: %w", err)
	}
	defer c.Close(context.WithoutCancel(ctx))
	var version, fsync, buffers string
	err = c.QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('fsync'),
		current_setting('shared_buffers')`).Scan(&version, &fsync, &buffers)
	return fmt.Sprintf("PostgreSQL %s, fsync %s, shared_buffers %s", version, fsync, buffers), err
}

// filled makes a database and fills it through a server, which is then stopped: the server
// that is measured on it starts afresh, and knows nothing of how it was filled.
func (g *rig) filled(ctx context.Context, name string, fill func(context.Context, *filler) error) (database, error) {
	db, err := g.newDatabase(ctx, name)
	if err != nil {
		return db, err
	}
	t, err := g.serve(ctx, db)
	if err != nil {
		return db, err
	}
	err = fill(ctx, &filler{rig: g, t: t, name: name})
	err = errors.Join(err, t.own.stop())
	if err == nil && db.dsn != "" {
		// A database that grew over months would have been analysed many times.
		err = postgres(ctx, db.dsn, analyse)
	}
	if err != nil {
		return db, fmt.Errorf("fill %s: %w", name, err)
	}
	return db, nil
}
