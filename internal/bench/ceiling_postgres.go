package bench

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// postgresLanes is how many commits the store has under way at once.
const postgresLanes = 4

// postgresLane is one of the connections that write.
type postgresLane struct{ conn *pgx.Conn }

func openPostgresLanes(ctx context.Context, dsn string) ([]lane, func() error, string, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, nil, "", err
	}
	cfg.RuntimeParams["synchronous_commit"] = "on"
	var lanes []lane
	var conns []*pgx.Conn
	closeAll := func() error {
		var errs []error
		for _, c := range conns {
			errs = append(errs, c.Close(context.WithoutCancel(ctx)))
		}
		return errors.Join(errs...)
	}
	for range postgresLanes {
		c, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			return nil, nil, "", errors.Join(err, closeAll())
		}
		conns, lanes = append(conns, c), append(lanes, postgresLane{c})
	}
	how := "pgx, synchronous_commit=on, 4 connections, each statement of a whole batch in one round trip; " +
		"no savepoints and nothing looked up"
	return lanes, closeAll, how, nil
}

// commit sends the first statements of all writes in one round trip, then the second
// ones, and so on.
func (l postgresLane) commit(ctx context.Context, writes []write) error {
	if _, err := l.conn.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	for step := 0; ; step++ {
		var b pgx.Batch
		for _, w := range writes {
			if step < len(w) {
				q := b.Queue(w[step].query, w[step].values()...)
				if dest := w[step].dest; dest != nil {
					q.QueryRow(func(row pgx.Row) error { return row.Scan(dest...) })
				}
			}
		}
		if b.Len() == 0 {
			break
		}
		if err := l.conn.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
	}
	_, err := l.conn.Exec(ctx, "COMMIT")
	return err
}
