package engine

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgConn is the pool of readers, or one connection.
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

func (c pgConn) Row(ctx context.Context, query string, args ...any) Row {
	return c.q.QueryRow(ctx, query, args...)
}

func (c pgConn) Rows(ctx context.Context, query string, args ...any) (Rows, error) {
	return c.q.Query(ctx, query, args...)
}
