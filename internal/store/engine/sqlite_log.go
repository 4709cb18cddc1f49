package engine

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
)

const (
	// foldEvery is how many commits go by between two attempts to fold the log back.
	foldEvery = 512
	// maxLog is a size of the log, in bytes, beyond which commits wait for it to begin
	// anew.
	maxLog = 128 << 20
)

// logKeeper folds SQLite's write-ahead log back into the database file, on a connection
// of its own, beside the lane that commits. Left to itself SQLite does so within a
// commit, and everybody in that commit waits for it.
type logKeeper struct {
	path    string
	db      *sql.DB
	wake    chan struct{}
	ended   sync.WaitGroup
	commits int // counted by the lane alone
}

func startLogKeeper(path string) (*logKeeper, error) {
	db, err := sql.Open("sqlite", sqliteDSN(path, map[string]string{
		"busy_timeout": "0", "synchronous": "FULL", "cache_size": "-256",
	}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	k := &logKeeper{path: path, db: db, wake: make(chan struct{}, 1)}
	k.ended.Go(k.run) // ends when stop closes wake
	return k, nil
}

func (k *logKeeper) run() {
	for range k.wake {
		// Whatever fails here is tried again after the next commits.
		_ = k.checkpoint(context.Background(), k.db, "PASSIVE")
	}
}

func (k *logKeeper) stop() {
	close(k.wake)
	k.ended.Wait()
	_ = k.db.Close() // nothing is pending on it
}

// checkpoint folds back what the mode allows: PASSIVE what disturbs nobody, TRUNCATE
// everything, while it keeps writers out.
func (k *logKeeper) checkpoint(ctx context.Context, c interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, mode string,
) error {
	var busy, frames, folded int
	if err := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &frames, &folded); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// Maintain is called by the lane between two transactions. The log can begin anew only
// when all of it is folded back and nobody reads it. On a busy server that may never
// happen by chance; so once it is large, the lane makes such a moment. Little is left to
// fold by then.
func (e *sqliteEngine) Maintain(ctx context.Context) {
	k := e.log
	if k.commits++; k.commits%foldEvery != 0 {
		return
	}
	select {
	case k.wake <- struct{}{}:
	default: // it is still at the last one
	}
	if st, err := os.Stat(k.path + "-wal"); err != nil || st.Size() < maxLog {
		return
	}
	// For readers of the log it waits a little. In vain, it tries again later.
	_, _ = e.writer.conn.ExecContext(ctx, "PRAGMA busy_timeout(250)")
	_ = k.checkpoint(ctx, e.writer.conn, "TRUNCATE")
	_, _ = e.writer.conn.ExecContext(ctx, "PRAGMA busy_timeout("+busyTimeout+")")
}
