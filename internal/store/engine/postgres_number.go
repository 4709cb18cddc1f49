package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Number is the transaction's own number, counted from a base. Base and transaction ids
// belong to one cluster of PostgreSQL: see countFrom.
func (e *pgEngine) Number(param string) string {
	return `(CAST(` + param + ` AS BIGINT) + CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT))`
}

func (e *pgEngine) Greatest(a, b string) string { return "GREATEST(" + a + ", " + b + ")" }

// NewID: sequences never go back.
func (e *pgEngine) NewID(string) string { return "DEFAULT" }

const (
	// horizonWait bounds the wait for transactions that are under way, and horizonStep is how
	// often it is looked whether they are over.
	horizonWait = 300 * time.Millisecond
	horizonStep = 10 * time.Millisecond
)

// Horizon: the oldest transaction that is still under way, or else the next one. Those that
// were under way at first are waited for a little: mostly they are over in a moment, and the
// horizon is then above all that was committed before.
func (e *pgEngine) Horizon(ctx context.Context) (n, next int64, err error) {
	first := int64(0)
	for deadline := time.Now().Add(horizonWait); ; {
		err = e.Row(ctx, `SELECT CAST(CAST(pg_snapshot_xmin(s) AS TEXT) AS BIGINT),
				CAST(CAST(pg_snapshot_xmax(s) AS TEXT) AS BIGINT)
			FROM pg_current_snapshot() s`).Scan(&n, &next)
		if first == 0 {
			first = next
		}
		if err != nil || n >= first || time.Now().After(deadline) {
			return e.base + n, e.base + next, err
		}
		pause := time.NewTimer(horizonStep)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return 0, 0, context.Cause(ctx)
		}
	}
}

// Seen: a statement under way shows by its snapshot what it may not see.
func (e *pgEngine) Seen(ctx context.Context) (n int64, err error) {
	err = e.Row(ctx, `SELECT LEAST(CAST(CAST(pg_snapshot_xmin(s) AS TEXT) AS BIGINT),
			CAST(CAST(pg_snapshot_xmax(s) AS TEXT) AS BIGINT) -
				(SELECT COALESCE(MAX(age(a.backend_xmin)), 0) FROM pg_stat_activity a WHERE a.backend_xmin IS NOT NULL))
		FROM pg_current_snapshot() s`).Scan(&n)
	return e.base + n, err
}

// countFrom finds the base of change numbers. Where the database came from another cluster,
// by a dump or by replication, transaction ids begin anew; then so does the base, far above all
// numbers that it has: others may have been given out there since. numbered is Config.Numbered.
func countFrom(ctx context.Context, pool *pgxpool.Pool, numbered string) (base int64, cluster string, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var before string
		if err := tx.QueryRow(ctx, `SELECT c.n, c.cluster, CAST(s.system_identifier AS TEXT)
			FROM change_counter c, pg_control_system() s WHERE c.id = 1 FOR UPDATE OF c`).
			Scan(&base, &before, &cluster); err != nil {
			return err
		}
		if before == cluster {
			return nil
		}
		if before != "" {
			if err := tx.QueryRow(ctx, `SELECT $2 + GREATEST($1, 1 + COALESCE((`+numbered+`), 0))`, base, apart).Scan(&base); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE change_counter SET n = $1, cluster = $2 WHERE id = 1`, base, cluster)
		return err
	})
	if err != nil {
		return 0, "", fmt.Errorf("change numbers: %w", err)
	}
	return base, cluster, nil
}

// errOtherCluster: numbers from here on would be lower than those that were given out.
var errOtherCluster = errors.New(
	"the database's address leads to another PostgreSQL cluster than at the start; restart Parlor")

// sameCluster refuses a connection that leads to another cluster than the first did.
func (e *pgEngine) sameCluster(ctx context.Context, c *pgx.Conn) error {
	known := e.cluster.Load()
	if known == nil {
		return nil
	}
	var now string
	if err := c.QueryRow(ctx, `SELECT CAST(system_identifier AS TEXT) FROM pg_control_system()`).Scan(&now); err != nil {
		return err
	}
	if now != *known {
		return errOtherCluster
	}
	return nil
}
