package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgEngine is connections to PostgreSQL; other nodes have theirs.
type pgEngine struct {
	pgConn  // readers
	readers *pgxpool.Pool
	writers *pgxpool.Pool // of the lanes, so that a crowd of readers keeps no commit waiting
	base    int64         // of change numbers
	cluster atomic.Pointer[string]
}

const (
	pgLanes = 4
	// maxReaders leaves room for several nodes below the server's usual 100.
	maxReaders = 32
)

func pgConfig(dsn string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// The driver's message repeats the address with its password masked.
		return nil, fmt.Errorf("database address: %w", err)
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		cfg.MaxConns = min(maxReaders, int32(max(12, 4*runtime.GOMAXPROCS(0))))
	}
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	p := cfg.ConnConfig.RuntimeParams
	p["application_name"] = "parlor"
	p["synchronous_commit"] = "on"                     // an acknowledgement means durable, whatever the server's default
	p["statement_timeout"] = "15000"                   // ms; no statement hangs for ever
	p["lock_timeout"] = "10000"                        // ms
	p["idle_in_transaction_session_timeout"] = "30000" // ms; a stuck node frees its locks
	p["default_transaction_isolation"] = "read committed"
	return cfg, nil
}

func newPostgres(ctx context.Context, o Options) (*pgEngine, error) {
	cfg, err := pgConfig(o.DSN)
	if err != nil {
		return nil, err
	}
	e := &pgEngine{}
	cfg.AfterConnect = e.sameCluster
	lanes := cfg.Copy()
	lanes.MaxConns = pgLanes
	if o.Warm {
		// Opening connections under the first load would make it wait.
		cfg.MinConns, lanes.MinConns = cfg.MaxConns, lanes.MaxConns
	}
	readers, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	writers, err := pgxpool.NewWithConfig(ctx, lanes)
	if err == nil {
		var cluster string
		e.base, cluster, err = countFrom(ctx, readers)
		e.cluster.Store(&cluster)
	}
	if err != nil {
		readers.Close()
		if writers != nil {
			writers.Close()
		}
		return nil, fmt.Errorf("database: %w", err)
	}
	e.pgConn, e.readers, e.writers = pgConn{readers}, readers, writers
	return e, nil
}

// lanes: a few commits at once keep the disk and the server's processes busy; rooms
// are spread over them.
func (e *pgEngine) lanes() int       { return pgLanes }
func (e *pgEngine) soleWriter() bool { return false }

func (e *pgEngine) inList(column, param string) string {
	return column + " = ANY(" + param + "::text[])"
}

func (e *pgEngine) idInList(column, param string) string {
	return column + " = ANY(" + param + "::bigint[])"
}

func (e *pgEngine) ordered(param string) string {
	return "(SELECT value, place FROM unnest(" + param + "::bigint[]) WITH ORDINALITY AS list (value, place))"
}

func (e *pgEngine) rowsOf(param string, columns int) string {
	list := make([]string, columns)
	for i := range list {
		list[i] = fmt.Sprintf("(value->>%d)::bigint AS %c", i, 'a'+i)
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM json_array_elements(" + param + "::json))"
}

// forEach: without the OFFSET the planner might walk the table for all of the rows at once.
func (e *pgEngine) forEach(rows, table, on string) string {
	return " FROM " + rows + " k CROSS JOIN LATERAL (SELECT * FROM " + table + " m WHERE " + on + " OFFSET 0) m"
}

func (e *pgEngine) appendAtOnce() bool { return true }

// inPlace: the server minds its files.
func (e *pgEngine) inPlace() error { return nil }

// forUpdate: NO KEY, so that rows which refer to this one can be inserted meanwhile.
func (e *pgEngine) forUpdate(table string) string { return " FOR NO KEY UPDATE OF " + table }

func (e *pgEngine) locks(how, table string) string { return " FOR " + how + " OF " + table }

func (e *pgEngine) skipLocked(table string) string {
	return " FOR NO KEY UPDATE OF " + table + " SKIP LOCKED"
}

func (e *pgEngine) listArg(list []string) any { return list }
func (e *pgEngine) idListArg(ids []int64) any { return ids }

func (e *pgEngine) explain(query string) string { return "EXPLAIN " + query }

// away: no connection, or the server says that it is stopping, starting, full or broken.
func (e *pgEngine) away(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code[:2] {
		case "08", "53", "57", "58": // connection, resources, intervention, system
			return true
		}
		switch pe.Code {
		case "55P03", "25006", "25P03": // a lock not had in time, a read-only server, a transaction cut off
			return true
		}
		return false
	}
	var ce *pgconn.ConnectError
	var ne net.Error
	return errors.As(err, &ce) || errors.As(err, &ne) || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || isClosed(err)
}

// isClosed: the driver has no type for a connection that broke under a statement.
func isClosed(err error) bool {
	return errors.Is(err, net.ErrClosed) || errors.Is(err, pgx.ErrTxClosed) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// unsure: the connection broke before the answer came. What the server itself says is
// certain.
func (e *pgEngine) unsure(err error) bool {
	var pe *pgconn.PgError
	return !errors.As(err, &pe)
}

// retryable: a deadlock was broken, a transaction could not be serialized, or another
// node has just inserted what this write looked for and did not find; a second run
// finds it.
func (e *pgEngine) retryable(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40P01" || pe.Code == "40001" || pe.Code == "23505")
}

func (e *pgEngine) begin(ctx context.Context) (writeTx, error) {
	tx, err := e.writers.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &pgTx{pgConn{tx}, tx, e.base}, nil
}

// maintain: the server looks after itself.
func (e *pgEngine) maintain(context.Context) {}

func (e *pgEngine) close() error {
	e.writers.Close()
	e.readers.Close()
	return nil
}

type pgTx struct {
	pgConn
	tx      pgx.Tx
	numbers int64
}

func (t *pgTx) base() int64 { return t.numbers }

func (t *pgTx) aborted() bool { return t.tx.Conn().PgConn().TxStatus() == 'E' }

// nextSavepoint: both statements in one round trip.
func (t *pgTx) nextSavepoint(ctx context.Context) error {
	_, err := t.exec(ctx, "RELEASE SAVEPOINT one; SAVEPOINT one", pgx.QueryExecModeSimpleProtocol)
	return err
}

// pipeline sends everything before it waits for the first answer.
func (t *pgTx) pipeline(ctx context.Context, list []queued) error {
	b := &pgx.Batch{}
	for _, q := range list {
		b.Queue(q.query, q.args...)
	}
	results := t.tx.SendBatch(ctx, b)
	for _, q := range list {
		if err := q.scan(results.QueryRow()); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

func (t *pgTx) commit(ctx context.Context) error { return t.tx.Commit(ctx) }

func (t *pgTx) rollback() {
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

func (c pgConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := c.q.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (c pgConn) row(ctx context.Context, query string, args ...any) scanner {
	return c.q.QueryRow(ctx, query, args...)
}

func (c pgConn) rows(ctx context.Context, query string, args ...any) (rows, error) {
	return c.q.Query(ctx, query, args...)
}
