package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgTx is a write transaction of a lane. What says where a transaction or a savepoint begins
// waits in ahead and goes out with the statement behind it: it costs no round trip of its own.
type pgTx struct {
	conn    *pgxpool.Conn // nil once the transaction is over
	numbers int64
	ahead   []string
	begun   bool  // the server has begun the transaction
	broken  error // of something ahead: the transaction cannot go on
}

// errBroken: it is not known how far the server has come, so nothing of the transaction is to
// stand.
var errBroken = errors.New("the transaction is broken")

func (t *pgTx) Base() int64 { return t.numbers }

func (t *pgTx) Aborted() bool { return t.broken != nil || t.conn.Conn().PgConn().TxStatus() == 'E' }

func (t *pgTx) Savepoint(context.Context) error {
	t.ahead = append(t.ahead, "SAVEPOINT one")
	return t.broken
}

func (t *pgTx) NextSavepoint(context.Context) error {
	t.ahead = append(t.ahead, "RELEASE SAVEPOINT one", "SAVEPOINT one")
	return t.broken
}

// send sends statements behind what has to come before them, and returns once the server has
// done the latter. The caller takes the statements' results, then closes them.
func (t *pgTx) send(ctx context.Context, list ...Statement) (pgx.BatchResults, error) {
	if t.broken != nil {
		return nil, t.broken
	}
	b := &pgx.Batch{}
	for _, query := range t.ahead {
		b.Queue(query)
	}
	for _, s := range list {
		b.Queue(s.Query, s.Args...)
	}
	results := t.conn.SendBatch(ctx, b)
	for range t.ahead {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // says the same again
			t.broken = fmt.Errorf("%w: %w", errBroken, err)
			return nil, t.broken
		}
	}
	t.ahead, t.begun = t.ahead[:0], true
	return results, nil
}

// alone reports whether nothing is to be sent ahead.
func (t *pgTx) alone() bool { return len(t.ahead) == 0 && t.broken == nil }

func (t *pgTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.alone() {
		return pgConn{t.conn}.Exec(ctx, query, args...)
	}
	results, err := t.send(ctx, Statement{Query: query, Args: args})
	if err != nil {
		return 0, err
	}
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	return tag.RowsAffected(), err
}

func (t *pgTx) Row(ctx context.Context, query string, args ...any) Row {
	if t.alone() {
		return pgConn{t.conn}.Row(ctx, query, args...)
	}
	results, err := t.send(ctx, Statement{Query: query, Args: args})
	return &sentRow{results, err}
}

// Insert asks for the id with the row.
func (t *pgTx) Insert(ctx context.Context, query string, args ...any) (id int64, err error) {
	err = t.Row(ctx, query+" RETURNING id", args...).Scan(&id)
	return id, err
}

// sentRow is the row of a single statement.
type sentRow struct {
	results pgx.BatchResults
	err     error
}

func (r *sentRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	err := r.results.QueryRow().Scan(dest...)
	if closing := r.results.Close(); err == nil {
		err = closing
	}
	return err
}

func (t *pgTx) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	if t.alone() {
		return pgConn{t.conn}.Rows(ctx, query, args...)
	}
	results, err := t.send(ctx, Statement{Query: query, Args: args})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close() // says the same again
		return nil, err
	}
	return &sentRows{rows, results}, nil
}

// sentRows are the rows of a single statement.
type sentRows struct {
	pgx.Rows
	results pgx.BatchResults
}

func (r *sentRows) Close() {
	r.Rows.Close()
	_ = r.results.Close() // Err has what was wrong with the rows; what breaks behind them shows in the next statement
}

// Pipeline sends everything before it waits for the first answer.
func (t *pgTx) Pipeline(ctx context.Context, list []Statement) error {
	results, err := t.send(ctx, list...)
	if err != nil {
		return err
	}
	for _, q := range list {
		if err := q.Scan(results.QueryRow()); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

func (t *pgTx) Commit(ctx context.Context) error {
	if t.broken != nil {
		return t.broken
	}
	if !t.begun {
		t.release() // nothing was done
		return nil
	}
	tag, err := t.conn.Exec(ctx, "COMMIT")
	if err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback
	}
	if err == nil {
		t.release()
	}
	return err
}

func (t *pgTx) Rollback() {
	if t.conn == nil {
		return
	}
	defer t.release()
	if t.conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	// After a failure the server may be gone; do not wait for it as for a commit.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = t.conn.Exec(ctx, "ROLLBACK") // nothing was committed; the pool drops a connection that is not idle
}

// release gives the connection back to the pool, which drops it where it is not idle.
func (t *pgTx) release() {
	t.conn.Release()
	t.conn = nil
}
