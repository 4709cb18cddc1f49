package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3/lock"
)

// writeSettings are in force wherever something is written.
var writeSettings = []struct{ name, value string }{
	{"synchronous_commit", "on"},                     // an acknowledgement means durable, whatever the server's default
	{"statement_timeout", "15000"},                   // ms; no statement hangs forever
	{"lock_timeout", "10000"},                        // ms
	{"idle_in_transaction_session_timeout", "30000"}, // ms; a stuck node frees its locks
}

// pooled reports whether the server is behind a pooler that has another connection for each
// transaction, such as pgbouncer. Then nothing can be kept on a connection: no prepared
// statement, which the address says (default_query_exec_mode), and no setting.
func pooled(c *pgx.ConnConfig) bool {
	return c.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement
}

// isPooled is pooled of an address.
func isPooled(dsn string) (bool, error) {
	cfg, err := pgConfig(dsn)
	if err != nil {
		return false, err
	}
	return pooled(cfg.ConnConfig), nil
}

// beginPooled is what begins a write transaction behind a pooler. The pooler may have turned to
// another server since the last one, so each transaction looks where it is: on another cluster
// the cast to a number fails, and says what is wrong.
func beginPooled(cluster string) []string {
	set := make([]string, len(writeSettings))
	for i, s := range writeSettings {
		set[i] = "set_config('" + s.name + "', '" + s.value + "', TRUE)"
	}
	return []string{"BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT " + strings.Join(set, ", ") +
		", CAST(CASE WHEN CAST(system_identifier AS TEXT) = " + quoted(cluster) +
		" THEN '0' ELSE " + quoted(errOtherCluster.Error()) + " END AS INTEGER) FROM pg_control_system()"}
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// inLockedTx runs do while a transaction of its own keeps other nodes from migrating, as the
// lock of a session does without a pooler: one excludes the other.
func inLockedTx(ctx context.Context, db *sql.DB, do func() error) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	for _, q := range []string{
		"SET LOCAL idle_in_transaction_session_timeout = 0",
		"SET LOCAL lock_timeout = 0",
		"SET LOCAL statement_timeout = 0",
		fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", lock.DefaultLockID),
	} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("lock the schema: %w", err)
		}
	}
	return do()
}
