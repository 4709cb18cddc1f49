package engine

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgTx is a write transaction of a lane.
type pgTx struct {
	pgConn
	tx      pgx.Tx
	numbers int64
}

func (t *pgTx) Base() int64 { return t.numbers }

func (t *pgTx) Aborted() bool { return t.tx.Conn().PgConn().TxStatus() == 'E' }

// NextSavepoint: both statements in one round trip.
func (t *pgTx) NextSavepoint(ctx context.Context) error {
	_, err := t.Exec(ctx, "RELEASE SAVEPOINT one; SAVEPOINT one", pgx.QueryExecModeSimpleProtocol)
	return err
}

// Pipeline sends everything before it waits for the first answer.
func (t *pgTx) Pipeline(ctx context.Context, list []Statement) error {
	b := &pgx.Batch{}
	for _, q := range list {
		b.Queue(q.Query, q.Args...)
	}
	results := t.tx.SendBatch(ctx, b)
	for _, q := range list {
		if err := q.Scan(results.QueryRow()); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

func (t *pgTx) Commit(ctx context.Context) error { return t.tx.Commit(ctx) }

func (t *pgTx) Rollback() {
	// After a failure the server may be gone; do not wait for it as for a commit.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = t.tx.Rollback(ctx) // nothing was committed; the pool drops a broken connection
}

// pgConn is the pool or a transaction.
type pgConn struct {
	q interface {
		Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
		QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	}
}

func (c pgConn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := c.q.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

// Insert asks for the id with the row.
func (t *pgTx) Insert(ctx context.Context, query string, args ...any) (id int64, err error) {
	err = t.tx.QueryRow(ctx, query+" RETURNING id", args...).Scan(&id)
	return id, err
}

func (c pgConn) Row(ctx context.Context, query string, args ...any) Row {
	return c.q.QueryRow(ctx, query, args...)
}

func (c pgConn) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	return c.q.Query(ctx, query, args...)
}
