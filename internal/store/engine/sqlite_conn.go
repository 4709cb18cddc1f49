package engine

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// sqliteWriteConn is the connection that writes, and the transaction that is open on it.
type sqliteWriteConn struct {
	sqliteConn
	conn   *sql.Conn
	number int64 // of the commit that is open
}

func (c *sqliteWriteConn) Base() int64 { return c.number }

// Aborted: a failed statement leaves the transaction as it was.
func (c *sqliteWriteConn) Aborted() bool { return false }

// Pipeline: a round trip is no more than a call here.
func (c *sqliteWriteConn) Pipeline(ctx context.Context, list []Statement) error {
	for _, s := range list {
		if err := s.Scan(c.Row(ctx, s.Query, s.Args...)); err != nil {
			return err
		}
	}
	return nil
}

func (c *sqliteWriteConn) Savepoint(ctx context.Context) error {
	_, err := c.Exec(ctx, "SAVEPOINT one")
	return err
}

func (c *sqliteWriteConn) NextSavepoint(ctx context.Context) error {
	if _, err := c.Exec(ctx, "RELEASE SAVEPOINT one"); err != nil {
		return err
	}
	return c.Savepoint(ctx)
}

func (c *sqliteWriteConn) Commit(ctx context.Context) error {
	_, err := c.Exec(ctx, "COMMIT")
	return err
}

// Rollback may find that SQLite has rolled back by itself, as it does on a full disk.
func (c *sqliteWriteConn) Rollback() {
	_, _ = c.Exec(context.Background(), "ROLLBACK")
}

// sqliteConn runs prepared statements and keeps them. Query texts are a bounded set, and so
// is what is kept.
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

// detached takes the cancellation off ctx: the driver starts a goroutine per statement to
// watch for it, which costs more than the statement. What runs here is short.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (c *sqliteConn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := c.result(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Insert: the id is at hand, where a RETURNING would make a table of it.
func (c *sqliteWriteConn) Insert(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := c.result(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// result runs a statement that returns no rows.
func (c *sqliteConn) result(ctx context.Context, query string, args []any) (sql.Result, error) {
	ctx = detached(ctx)
	st, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

func (c *sqliteConn) Row(ctx context.Context, query string, args ...any) Row {
	if err := c.acquire(ctx); err != nil {
		return failed{err}
	}
	ctx = detached(ctx)
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

func (c *sqliteConn) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	if err := c.acquire(ctx); err != nil {
		return nil, err
	}
	ctx = detached(ctx)
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
