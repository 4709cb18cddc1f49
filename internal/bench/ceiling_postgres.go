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
	how := "pgx, synchronous_commit=on, 4 connections, a round trip per statement; no savepoints and nothing looked up"
	return lanes, closeAll, how, nil
}

func (l postgresLane) begin(ctx context.Context) error  { return l.exec(ctx, "BEGIN") }
func (l postgresLane) commit(ctx context.Context) error { return l.exec(ctx, "COMMIT") }

func (l postgresLane) exec(ctx context.Context, query string, args ...any) error {
	_, err := l.conn.Exec(ctx, query, args...)
	return err
}

func (l postgresLane) row(ctx context.Context, query string, args []any, dest ...any) error {
	return l.conn.QueryRow(ctx, query, args...).Scan(dest...)
}

func (l postgresLane) appendMessage(ctx context.Context, m rawMessage) error {
	var id, seq, createdAt int64
	return l.row(ctx, rawAppendAtOnce, append(m.values(), nowMS(), !m.byApp), &id, &seq, &createdAt)
}
