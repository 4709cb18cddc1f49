package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

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
	writers    *sql.DB
	writer     *sqliteWriteConn
	log        *logKeeper
	place      *place
}

func sqliteDSN(path string, pragmas map[string]string) string {
	q := url.Values{}
	for name, value := range pragmas {
		q.Add("_pragma", name+"("+value+")")
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
		"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": busyTimeout,
		"foreign_keys": "1", "cache_size": writerCache, "wal_autocheckpoint": "0", // see logKeeper
		"temp_store":         "MEMORY",
		"journal_size_limit": "67108864",
	}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func newSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	writers, err := openSQLiteWriter(path)
	if err != nil {
		return nil, err
	}
	at, err := newPlace(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writers.Close())
	}
	c, err := writers.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writers.Close())
	}
	readers, err := sql.Open("sqlite", sqliteDSN(path, map[string]string{
		"busy_timeout": busyTimeout, "query_only": "1", "cache_size": readerCache,
	}))
	if err != nil {
		return nil, errors.Join(err, c.Close(), writers.Close())
	}
	// More readers than cores only get in each other's way.
	n := max(2, runtime.GOMAXPROCS(0))
	readers.SetMaxOpenConns(n)
	readers.SetMaxIdleConns(n)
	log, err := startLogKeeper(path)
	if err != nil {
		return nil, errors.Join(err, readers.Close(), c.Close(), writers.Close())
	}
	return &sqliteEngine{
		sqliteConn: sqliteConn{prepare: readers.PrepareContext, slots: make(chan struct{}, n)},
		readers:    readers, writers: writers, log: log, place: at,
		writer: &sqliteWriteConn{conn: c, sqliteConn: sqliteConn{prepare: c.PrepareContext}},
	}, nil
}

func (e *sqliteEngine) lanes() int       { return 1 }
func (e *sqliteEngine) soleWriter() bool { return true }

func (e *sqliteEngine) inList(column, param string) string {
	return column + " IN (SELECT value FROM json_each(" + param + "))"
}

func (e *sqliteEngine) idInList(column, param string) string { return e.inList(column, param) }

func (e *sqliteEngine) ordered(param string) string {
	return "(SELECT value, key + 1 AS place FROM json_each(" + param + "))"
}

func (e *sqliteEngine) rowsOf(param string, columns int) string {
	list := make([]string, columns)
	for i := range list {
		list[i] = fmt.Sprintf("json_extract(value, '$[%d]') AS %c", i, 'a'+i)
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM json_each(" + param + "))"
}

// forEach: SQLite takes the tables of a CROSS JOIN in their order.
func (e *sqliteEngine) forEach(rows, table, on string) string {
	return " FROM " + rows + " k CROSS JOIN " + table + " m ON " + on
}

// appendAtOnce: SQLite writes in no WITH, and statements cost it no round trip.
func (e *sqliteEngine) appendAtOnce() bool { return false }

// forUpdate: the one writer holds the whole database.
func (e *sqliteEngine) forUpdate(string) string { return "" }

func (e *sqliteEngine) locks(string, string) string { return "" }

func (e *sqliteEngine) skipLocked(string) string { return "" }

func (e *sqliteEngine) listArg(list []string) any { return jsonText(list) }
func (e *sqliteEngine) idListArg(ids []int64) any { return jsonText(ids) }

func (e *sqliteEngine) explain(query string) string { return "EXPLAIN QUERY PLAN " + query }

// away: the disk is full or broken, or another process holds the file.
func (e *sqliteEngine) away(err error) bool {
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

// unsure: the disk failed under the commit. A full disk fails before it.
func (e *sqliteEngine) unsure(err error) bool {
	var se *sqlite.Error
	return errors.As(err, &se) && se.Code()&0xff == sqlite3.SQLITE_IOERR
}

// retryable: one writer has nobody to collide with.
func (e *sqliteEngine) retryable(error) bool { return false }

// inPlace: a file can be taken away under whoever has it open.
func (e *sqliteEngine) inPlace() error { return e.place.check() }

func (e *sqliteEngine) begin(ctx context.Context) (writeTx, error) {
	if err := e.place.check(); err != nil {
		return e.writer, err
	}
	_, err := e.writer.exec(ctx, "BEGIN IMMEDIATE")
	if err != nil && !e.away(err) {
		e.writer.rollback() // should a broken commit have left its transaction open
		_, err = e.writer.exec(ctx, "BEGIN IMMEDIATE")
	}
	if err != nil {
		return nil, err
	}
	if err = e.writer.row(ctx, `UPDATE change_counter SET n = n + 1 WHERE id = 1 RETURNING n`).Scan(&e.writer.number); err != nil {
		e.writer.rollback()
	}
	return e.writer, err
}

func (e *sqliteEngine) number(param string) string  { return param }
func (e *sqliteEngine) greatest(a, b string) string { return "MAX(" + a + ", " + b + ")" }

// newLogin takes the number of the commit. Left to itself the engine would give the id of
// the newest login that has ended to the next one, in whose name then counts what the old
// one's device still had under way. Change numbers begin at 2^52, which the shift moves out
// of the 64 bits: ids begin small.
func (e *sqliteEngine) newLogin() string {
	return `(SELECT COALESCE((SELECT MAX(id) + 1 FROM logins WHERE id BETWEEN c.n << 12 AND (c.n + 1) << 12), c.n << 12)
		FROM change_counter c WHERE c.id = 1)`
}

// horizon: commits are numbered in their order.
func (e *sqliteEngine) horizon(ctx context.Context) (n int64, err error) {
	err = e.row(ctx, `SELECT n + 1 FROM change_counter WHERE id = 1`).Scan(&n)
	return n, err
}

func (e *sqliteEngine) close() error {
	e.log.stop()
	// Open statements would keep SQLite from folding its log back into the file.
	e.closeStatements()
	e.writer.closeStatements()
	return errors.Join(e.readers.Close(), e.writer.conn.Close(), e.writers.Close())
}

// sqliteWriteConn is the connection that writes, and the transaction that is open on it.
type sqliteWriteConn struct {
	sqliteConn
	conn   *sql.Conn
	number int64 // of the commit that is open
}

func (c *sqliteWriteConn) base() int64 { return c.number }

// aborted: a failed statement leaves the transaction as it was.
func (c *sqliteWriteConn) aborted() bool { return false }

func (c *sqliteWriteConn) nextSavepoint(ctx context.Context) error {
	if _, err := c.exec(ctx, "RELEASE SAVEPOINT one"); err != nil {
		return err
	}
	_, err := c.exec(ctx, "SAVEPOINT one")
	return err
}

func (c *sqliteWriteConn) commit(ctx context.Context) error {
	_, err := c.exec(ctx, "COMMIT")
	return err
}

// rollback may find that SQLite has rolled back by itself, as it does on a full disk.
func (c *sqliteWriteConn) rollback() {
	_, _ = c.exec(context.Background(), "ROLLBACK")
}

// sqliteConn runs prepared statements and keeps them; the store has a fixed set of
// query texts, so what is kept is bounded.
type sqliteConn struct {
	prepare    func(context.Context, string) (*sql.Stmt, error)
	statements sync.Map // query text -> *sql.Stmt
	// slots, if set, holds one entry per statement under way. Whoever waits for a
	// connection waits here, where a context that ends is noticed.
	slots chan struct{}
}

func (c *sqliteConn) acquire(ctx context.Context) error {
	if c.slots == nil {
		return nil
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *sqliteConn) release() {
	if c.slots != nil {
		<-c.slots
	}
}

func (c *sqliteConn) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := c.statements.Load(query); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := c.prepare(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if kept, loaded := c.statements.LoadOrStore(query, st); loaded {
		_ = st.Close() // somebody else was faster; theirs serves
		return kept.(*sql.Stmt), nil
	}
	return st, nil
}

func (c *sqliteConn) closeStatements() {
	c.statements.Range(func(query, st any) bool {
		_ = st.(*sql.Stmt).Close() // the connection goes next
		c.statements.Delete(query)
		return true
	})
}

// calm takes the cancellation off ctx: the driver starts a goroutine per statement to
// watch for it, which costs more than the statement. What runs here is short.
func calm(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (c *sqliteConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx = calm(ctx)
	st, err := c.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *sqliteConn) row(ctx context.Context, query string, args ...any) scanner {
	if err := c.acquire(ctx); err != nil {
		return failed{err}
	}
	ctx = calm(ctx)
	st, err := c.stmt(ctx, query)
	if err != nil {
		c.release()
		return failed{err}
	}
	return sqlRow{st.QueryRowContext(ctx, args...), c}
}

// sqlRow gives its connection's slot back when it is read.
type sqlRow struct {
	row  *sql.Row
	conn *sqliteConn
}

// Scan must be called exactly once.
func (r sqlRow) Scan(dest ...any) error {
	defer r.conn.release()
	return r.row.Scan(dest...)
}

func (c *sqliteConn) rows(ctx context.Context, query string, args ...any) (rows, error) {
	if err := c.acquire(ctx); err != nil {
		return nil, err
	}
	ctx = calm(ctx)
	st, err := c.stmt(ctx, query)
	if err != nil {
		c.release()
		return nil, err
	}
	rs, err := st.QueryContext(ctx, args...) //nolint:rowserrcheck // the caller walks and closes them
	if err != nil {
		c.release()
		return nil, err
	}
	return &sqlRows{Rows: rs, conn: c}, nil
}

// sqlRows gives database/sql's rows the shape of pgx's.
type sqlRows struct {
	*sql.Rows
	conn   *sqliteConn
	closed bool
}

// Close ends the walk; its error is the one that Err tells.
func (r *sqlRows) Close() {
	_ = r.Rows.Close()
	if !r.closed {
		r.closed = true
		r.conn.release()
	}
}

// failed is the row of a query that could not be run.
type failed struct{ err error }

// Scan returns the query's error.
func (f failed) Scan(...any) error { return f.err }

func jsonText[T any](list []T) string {
	b, err := json.Marshal(list)
	if err != nil || list == nil {
		return "[]" // texts and numbers always marshal; a nil list is an empty one
	}
	return string(b)
}
