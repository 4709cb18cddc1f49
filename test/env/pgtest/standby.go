package pgtest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standby starts a second server that follows s, and returns once it does so. What s commits
// then is acknowledged only when both have it on their disks.
func (s *Server) Standby(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	standby, err := launch(ctx, func(b *Server) error {
		return b.prepare(ctx, func(ctx context.Context) error {
			copied := b.command(ctx, "pg_basebackup", "--pgdata="+b.data(), "--host=127.0.0.1", "--port="+strconv.Itoa(s.port),
				"--username="+superuser, "--checkpoint=fast", "--write-recovery-conf", "--no-sync")
			if out, err := copied.CombinedOutput(); err != nil {
				return fmt.Errorf("pg_basebackup: %w\n%s", err, tail(out))
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	if err := s.replicate(ctx); err != nil {
		standby.Stop()
		return nil, err
	}
	return standby, nil
}

// replicate has commits wait for the standby, and returns once there is one.
func (s *Server) replicate(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, q := range []string{"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"} {
		if _, err := conn.Exec(ctx, q); err != nil {
			return fmt.Errorf("pgtest: %s: %w", q, err)
		}
	}
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for following := false; !following; {
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync')").
			Scan(&following); err != nil {
			return fmt.Errorf("pgtest: no standby follows: %w", err)
		}
		<-poll.C
	}
	return nil
}

// Promote makes a standby a server of its own, which takes writes when Promote returns.
func (s *Server) Promote(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var promoted bool
	if err := conn.QueryRow(ctx, "SELECT pg_promote()").Scan(&promoted); err != nil || !promoted {
		return fmt.Errorf("pgtest: promote: %t, %w", promoted, err)
	}
	return nil
}
