package engine

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
)

// Config says where the database is and what it is made of.
type Config struct {
	// Path is the SQLite file; it is made, with its folder, when missing.
	Path string
	// DSN, when set, is a postgres:// address, and Path is ignored.
	DSN string
	// Warm opens the connections to PostgreSQL before they are needed.
	Warm bool
	// Migrations are the folders sqlite and postgres, with numbered files for goose.
	Migrations fs.FS
	// Numbered is a query for the highest change number that any row carries, or NULL. See
	// SQL.Number.
	Numbered string
}

// Open connects to a database whose schema is up to date: see Migrate.
func Open(ctx context.Context, c Config) (Engine, error) {
	if c.DSN != "" {
		return openPostgres(ctx, c)
	}
	return openSQLite(ctx, c.Path)
}

// Engine is an open database, SQLite or PostgreSQL. It is safe for concurrent use. Its
// statements, as a Conn, are reads, each on its own; what writes goes through Lanes.
type Engine interface {
	Conn
	SQL

	// Begin opens a write transaction. No more than Lanes may be open at once.
	Begin(ctx context.Context) (Tx, error)
	// Maintain does what is to be done now and then, between two transactions of a lane.
	Maintain(ctx context.Context)
	// Lanes is how many write transactions may be open at once.
	Lanes() int
	// SoleWriter says that no other process writes, but for an operator's commands.
	SoleWriter() bool
	// Pipelines says that Tx.Pipeline costs one round trip however many statements it sends.
	Pipelines() bool
	// Horizon returns a number below which every change is committed, and seen by every
	// read from now on: what is committed later has this number or a higher one.
	// Next is above the numbers of all that was committed by then.
	Horizon(ctx context.Context) (n, next int64, err error)
	// Seen returns a number below which every commit is seen by all statements that are under
	// way anywhere, as far as they are those of the same role.
	Seen(ctx context.Context) (int64, error)

	// HasIndex reports whether there is an index of a name.
	HasIndex(ctx context.Context, name string) (bool, error)
	// InPlace says whether what is written still lands in the database's files. If not, the
	// error is ErrDisplaced.
	InPlace() error
	// Space says what an embedded database takes of its disk; ok is false for another one.
	Space(ctx context.Context) (s Space, ok bool, err error)
	// Away says of an error that the database cannot be reached or cannot write.
	Away(err error) bool
	// Unsure says of an error of Tx.Commit that it leaves open whether the commit took place.
	Unsure(err error) bool
	// Retryable says of an error that the engine wants the write to be run again.
	Retryable(err error) bool

	// Close lets go of the database. Lanes on it must be closed before.
	Close() error
}

// Conn runs statements, inside a transaction or outside. They are the same text for both
// engines, but for what SQL says: $1 placeholders, RETURNING, ON CONFLICT. They are
// prepared and kept, so the texts must be a bounded set.
type Conn interface {
	Exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	// Row returns the query's only row, whose Scan must be called exactly once.
	Row(ctx context.Context, query string, args ...any) Row
	Rows(ctx context.Context, query string, args ...any) (Rows, error)
}

// Row is one row, or the error that kept it away.
type Row interface{ Scan(dest ...any) error }

// Rows is a result to walk through. Close may be called more than once.
type Rows interface {
	Row
	Next() bool
	Err() error
	Close()
}

// Tx is a transaction that holds several writes, each in the savepoint "one".
type Tx interface {
	Conn
	// Insert runs an INSERT of one row into a table with an id, and returns that id. The
	// statement has no RETURNING of its own.
	Insert(ctx context.Context, query string, args ...any) (id int64, err error)
	// Pipeline runs statements that return one row each, in their order, in as few round
	// trips as the engine can. It ends with the first error, of a statement or of a Scan.
	Pipeline(ctx context.Context, list []Statement) error
	// Base is what the parameter of SQL.Number stands for.
	Base() int64
	// Aborted says that a statement has failed and only a rollback is left.
	Aborted() bool
	// Savepoint sets the savepoint "one".
	Savepoint(ctx context.Context) error
	// NextSavepoint keeps what was done since the savepoint "one" and sets it anew.
	NextSavepoint(ctx context.Context) error
	// Commit returns once the transaction is on the disk.
	Commit(ctx context.Context) error
	Rollback()
}

// Statement is one of a pipeline, and what takes its row.
type Statement struct {
	Query string
	Args  []any
	Scan  func(Row) error
}

// Each calls scan for every row of the query.
func Each(ctx context.Context, c Conn, scan func(Row) error, query string, args ...any) error {
	rs, err := c.Rows(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rs.Close()
	for rs.Next() {
		if err := scan(rs); err != nil {
			return err
		}
	}
	return rs.Err()
}

// NoRows reports whether a query that wants one row found none.
func NoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
