package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
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
	begin   []string // what begins a write transaction
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
	if pooled(cfg.ConnConfig) {
		return cfg, nil // a pooler refuses other settings: each transaction has them
	}
	for _, s := range writeSettings {
		p[s.name] = s.value
	}
	p["default_transaction_isolation"] = "read committed"
	return cfg, nil
}

func openPostgres(ctx context.Context, c Config) (*pgEngine, error) {
	cfg, err := pgConfig(c.DSN)
	if err != nil {
		return nil, err
	}
	e := &pgEngine{begin: []string{"BEGIN"}}
	cfg.AfterConnect = e.sameCluster
	lanes := cfg.Copy()
	lanes.MaxConns = pgLanes
	if c.Warm {
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
		e.base, cluster, err = countFrom(ctx, readers, c.Numbered)
		e.cluster.Store(&cluster)
		if pooled(cfg.ConnConfig) {
			e.begin = beginPooled(cluster)
		}
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

// Lanes: a few commits at once keep the disk and the server's processes busy; rooms
// are spread over them.
func (e *pgEngine) Lanes() int       { return pgLanes }
func (e *pgEngine) SoleWriter() bool { return false }
func (e *pgEngine) Pipelines() bool  { return true }

// HasIndex looks along the search path.
func (e *pgEngine) HasIndex(ctx context.Context, name string) (there bool, err error) {
	err = e.Row(ctx, `SELECT to_regclass($1) IS NOT NULL`, name).Scan(&there)
	return there, err
}

// InPlace: the server minds its files.
func (e *pgEngine) InPlace() error { return nil }

// Away: no connection, or the server says that it is stopping, starting, full or broken.
func (e *pgEngine) Away(err error) bool {
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
	return errors.Is(err, net.ErrClosed) || errors.Is(err, pgx.ErrTxClosed) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// Unsure: the connection broke before the answer came. What the server itself says is
// certain; that a connection is lost is said by a pooler, of the one behind it.
func (e *pgEngine) Unsure(err error) bool {
	var pe *pgconn.PgError
	return !errors.As(err, &pe) || strings.HasPrefix(pe.Code, "08")
}

// Retryable: a deadlock was broken, a transaction could not be serialized, or another
// node has just inserted what this write looked for and did not find; a second run
// finds it.
func (e *pgEngine) Retryable(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40P01" || pe.Code == "40001" || pe.Code == "23505")
}

func (e *pgEngine) Begin(ctx context.Context) (Tx, error) {
	conn, err := e.writers.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &pgTx{conn: conn, numbers: e.base, ahead: slices.Clone(e.begin)}, nil
}

// Maintain: the server looks after itself.
func (e *pgEngine) Maintain(context.Context) {}

func (e *pgEngine) Close() error {
	e.writers.Close()
	e.readers.Close()
	return nil
}

// Space: the database has a server of its own, and that has tools of its own.
func (e *pgEngine) Space(context.Context) (Space, bool, error) { return Space{}, false, nil }
