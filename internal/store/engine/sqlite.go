package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"parlor/internal/disk"
)

// Page caches, in KiB as SQLite counts them (negative) and per connection. They lie
// outside Go's heap.
const (
	writerCache = "-16000"
	readerCache = "-32000"
	busyTimeout = "10000" // ms to wait for another process that writes, such as `parlor key`
)

// sqliteEngine is one file: a single connection writes, a few others read beside it.
type sqliteEngine struct {
	sqliteConn // readers
	readers    *sql.DB
	connector  *readerConnector // of readers
	writers    *sql.DB
	writer     *sqliteWriteConn
	log        *logKeeper
	files      *files
	giver      giver // used by the lane alone
}

// sqliteDSN has the pragmas in the order of their names: auto_vacuum has to come before what
// writes the first page of a new database.
func sqliteDSN(path string, pragmas map[string]string) string {
	q := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(pragmas)) {
		q.Add("_pragma", name+"("+pragmas[name]+")")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// openSQLiteWriter opens the connection that writes. synchronous=FULL in WAL mode makes
// a commit return after its fsync.
func openSQLiteWriter(path string) (*sql.DB, error) {
	if err := disk.MakeFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	// Made here for its mode: only the owner may read other people's messages. And for its
	// name to last; that of its log SQLite writes to the disk with the first commit.
	f, err := disk.OpenFile(path)
	if err != nil {
		return nil, fmt.Errorf("database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("database file: %w", err)
	}
	db, err := sql.Open("sqlite", sqliteDSN(path, map[string]string{
		"auto_vacuum":  "INCREMENTAL", // of a database that is made now: see giver
		"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": busyTimeout,
		"foreign_keys": "1", "secure_delete": "FAST", "cache_size": writerCache, "wal_autocheckpoint": "0", // see logKeeper
		"temp_store":         "MEMORY",
		"journal_size_limit": "67108864",
	}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func openSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	writers, err := openSQLiteWriter(path)
	if err != nil {
		return nil, err
	}
	at, err := newFiles(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writers.Close())
	}
	c, err := writers.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writers.Close())
	}
	connector, err := newReaderConnector(path)
	if err != nil {
		return nil, errors.Join(err, c.Close(), writers.Close())
	}
	// More readers than cores only get in each other's way.
	n := max(2, runtime.GOMAXPROCS(0))
	readers := connector.openReaders(n)
	log, err := startLogKeeper(path)
	if err != nil {
		return nil, errors.Join(err, readers.Close(), c.Close(), writers.Close())
	}
	return &sqliteEngine{
		sqliteConn: sqliteConn{prepare: readers.PrepareContext, slots: make(chan struct{}, n)},
		readers:    readers, connector: connector, writers: writers, log: log, files: at, giver: newGiver(),
		writer: &sqliteWriteConn{conn: c, sqliteConn: sqliteConn{prepare: c.PrepareContext}},
	}, nil
}

func (e *sqliteEngine) Lanes() int       { return 1 }
func (e *sqliteEngine) SoleWriter() bool { return true }

// Pipelines: no statement costs a round trip.
func (e *sqliteEngine) Pipelines() bool { return false }

// Away: the disk is full or broken, or another process holds the file.
func (e *sqliteEngine) Away(err error) bool {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return errors.Is(err, context.DeadlineExceeded)
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return true
	}
	return false
}

// Unsure: the disk failed under the commit. A full disk fails before it.
func (e *sqliteEngine) Unsure(err error) bool {
	var se *sqlite.Error
	return errors.As(err, &se) && se.Code()&0xff == sqlite3.SQLITE_IOERR
}

// Retryable: one writer has nobody to collide with.
func (e *sqliteEngine) Retryable(error) bool { return false }

// HasIndex looks into the schema.
func (e *sqliteEngine) HasIndex(ctx context.Context, name string) (there bool, err error) {
	err = e.Row(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = $1)`, name).Scan(&there)
	return there, err
}

// InPlace: a file can be taken away under whoever has it open.
func (e *sqliteEngine) InPlace() error { return e.files.check() }

func (e *sqliteEngine) Begin(ctx context.Context) (Tx, error) {
	if err := e.files.check(); err != nil {
		return e.writer, err
	}
	_, err := e.writer.Exec(ctx, "BEGIN IMMEDIATE")
	if err != nil && !e.Away(err) {
		e.writer.Rollback() // should a broken commit have left its transaction open
		_, err = e.writer.Exec(ctx, "BEGIN IMMEDIATE")
	}
	if err != nil {
		return nil, err
	}
	if err = e.writer.Row(ctx, `UPDATE change_counter SET n = n + 1 WHERE id = 1 RETURNING n`).
		Scan(&e.writer.number); err != nil {
		e.writer.Rollback()
	}
	return e.writer, err
}

// Horizon: commits are numbered in their order.
func (e *sqliteEngine) Horizon(ctx context.Context) (n, next int64, err error) {
	err = e.Row(ctx, `SELECT n + 1 FROM change_counter WHERE id = 1`).Scan(&n)
	return n, n, err
}

// Seen: what writes sees all that was committed.
func (e *sqliteEngine) Seen(ctx context.Context) (int64, error) {
	n, _, err := e.Horizon(ctx)
	return n, err
}

func (e *sqliteEngine) Close() error {
	e.log.stop()
	// Open statements would keep SQLite from folding its log back into the file.
	e.closeStatements()
	e.writer.closeStatements()
	return errors.Join(e.readers.Close(), e.writer.conn.Close(), e.writers.Close())
}
