package store

import (
	"context"
	"embed"
	"io"
	"io/fs"

	"parlor/internal/store/engine"
)

//go:embed migrations
var files embed.FS

// engine is what the engine has to know of the options and of the schema.
func (o Options) engine() engine.Config {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // only for a malformed name
	}
	return engine.Config{
		Path: o.Path, DSN: o.DSN, Warm: o.Warm,
		Migrations: migrations, Numbered: `SELECT MAX(changed) FROM rooms`,
	}
}

// SchemaStatus says how far a database's schema is.
type SchemaStatus = engine.SchemaStatus

// Schema reads how far the database's schema is. It makes nothing where there is no
// database of Parlor's: it may be somebody else's.
func Schema(ctx context.Context, o Options) (SchemaStatus, error) {
	return engine.Schema(ctx, o.engine())
}

// Migrate brings the schema up to date, each step in its own transaction. It refuses a
// database that a newer binary has migrated: this one would misread it. With several
// nodes, one migrates and the others wait for it.
func Migrate(ctx context.Context, o Options) error { return engine.Migrate(ctx, o.engine()) }

// BackupOptions say how a copy is made.
type BackupOptions = engine.BackupOptions

// Held is a snapshot of a database: nothing of it is overwritten as long as it is held.
type Held = engine.Held

// Backup writes a consistent copy of the SQLite database at path to file, which must
// not exist. A server may be running on the database; it goes on reading and writing. When
// Backup returns nil the copy is on the disk, and has all that was committed before the call.
func Backup(ctx context.Context, path, file string, o BackupOptions) error {
	return engine.Backup(ctx, path, file, o)
}

// Hold keeps a snapshot of the SQLite database at path for a copy that is made by another
// process: see engine.Hold.
func Hold(ctx context.Context, path string, in io.Reader, out io.Writer) error {
	return engine.Hold(ctx, path, in, out)
}

// Holding is the other end of Hold: see engine.Holding.
func Holding(ctx context.Context, ask io.Writer, answers io.Reader, release func() error) (Held, error) {
	return engine.Holding(ctx, ask, answers, release)
}
