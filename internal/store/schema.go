package store

import (
	"context"
	"embed"
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

// Backup writes a consistent copy of the SQLite database at path to file, which must
// not exist. A server may be running on the database; it goes on reading and writing.
// progress is told, now and then, how many bytes are written of about how many. When
// Backup returns nil the copy is on the disk.
func Backup(ctx context.Context, path, file string, progress func(done, total int64)) error {
	return engine.Backup(ctx, path, file, progress)
}
