package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"parlor/internal/disk"
)

// Aside is a database for what can be made anew. What is written there passes the lanes by, so that no commit
// waits for it, and is not on the disk when Apart returns: a crash of the machine may take the last transactions
// back, each as a whole and in their order.
type Aside interface {
	Conn
	// Apart runs do in a transaction of its own. There is one at a time where Alone says so.
	Apart(ctx context.Context, do func(Conn) error) error
}

// Apart runs do on a connection for reads, of which there are more than lanes.
func (e *pgEngine) Apart(ctx context.Context, do func(Conn) error) error {
	return pgx.BeginFunc(ctx, e.readers, func(tx pgx.Tx) error {
		// Of a pooler's connections only the transaction's own settings are known to be there.
		if _, err := tx.Exec(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
			return err
		}
		return do(pgConn{tx})
	})
}

// SideFile is an SQLite file beside the database, with one connection that writes.
type SideFile struct {
	sqliteConn // readers
	path       string
	readers    *sql.DB
	writers    *sql.DB
	conn       *sql.Conn     // that writes
	writing    chan struct{} // holds an entry while a transaction is open
	writer     sqliteConn
}

// OpenSideFile opens or makes the file, with what schema makes where it is new. Its folder must be there: one that was
// taken away under a running server is not to be made again.
func OpenSideFile(ctx context.Context, path, schema string) (*SideFile, error) {
	made, err := disk.OpenFile(path) // for its mode: only the owner may read other people's messages
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	pragmas := map[string]string{
		"journal_mode": "WAL", "synchronous": "NORMAL", "busy_timeout": busyTimeout, "secure_delete": "1",
		"cache_size": writerCache, "temp_store": "MEMORY", "journal_size_limit": "4194304",
	}
	f := &SideFile{path: path, writing: make(chan struct{}, 1)}
	if f.writers, err = sql.Open("sqlite", sqliteDSN(path, pragmas)); err != nil {
		return nil, err
	}
	f.writers.SetMaxOpenConns(1)
	c, err := f.writers.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.writers.Close())
	}
	f.conn, f.writer.prepare = c, c.PrepareContext
	if _, err = c.ExecContext(ctx, schema); err == nil {
		var connector *readerConnector
		if connector, err = newReaderConnector(path); err == nil {
			n := max(2, runtime.GOMAXPROCS(0))
			f.readers = connector.openReaders(n)
			f.prepare, f.slots = f.readers.PrepareContext, make(chan struct{}, n)
			return f, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), c.Close(), f.writers.Close())
}

// Apart runs do on the connection that writes, when nobody else is at it.
func (f *SideFile) Apart(ctx context.Context, do func(Conn) error) error {
	select {
	case f.writing <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-f.writing }()
	if _, err := f.writer.Exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := do(&f.writer)
	if err == nil {
		_, err = f.writer.Exec(ctx, "COMMIT")
	}
	if err != nil { // SQLite may have rolled back by itself
		_, _ = f.writer.Exec(ctx, "ROLLBACK")
	}
	return err
}

// Fold moves all of the file's log into the file, and empties the log. done is false where a reader was in
// the way.
func (f *SideFile) Fold(ctx context.Context) (done bool, err error) {
	var busy, log, moved int64
	err = f.writer.Row(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved)
	return busy == 0, err
}

// Close lets go of the file.
func (f *SideFile) Close() error {
	f.closeStatements()
	f.writer.closeStatements()
	return errors.Join(f.readers.Close(), f.conn.Close(), f.writers.Close())
}

// RemoveSideFile removes such a file, which nobody has open, with its log.
func RemoveSideFile(path string) error {
	var failed error
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// Damaged says of an error that what is in an SQLite file makes no sense.
func Damaged(err error) bool {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return false
	}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT:
		return true
	}
	return false
}
