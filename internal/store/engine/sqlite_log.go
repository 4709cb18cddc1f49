package engine

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
)

const (
	// foldEvery is how many commits go by between two attempts to fold the log back, and lookEvery
	// between two looks at its size: foldSize more bytes are a reason to fold it earlier.
	foldEvery = 512
	lookEvery = 16
	foldSize  = 64 << 20
	// maxLog is a size of the log, in bytes, beyond which commits wait for it to begin
	// anew.
	maxLog = 128 << 20
	// muchHeld is how many frames behind the end a reader has to be before nobody waits for it:
	// it copies the database, and will not be done in a moment.
	muchHeld = 4096
	// muchFolded is how many frames take so long to fold that there is a good deal to fold again.
	muchFolded = 32768
)

// logKeeper folds SQLite's write-ahead log back into the database file, on a connection
// of its own, beside the lane that commits. Left to itself SQLite does so within a
// commit, and everybody in that commit waits for it.
type logKeeper struct {
	path  string
	db    *sql.DB
	wake  chan struct{}
	ended sync.WaitGroup
	held  atomic.Bool // a reader kept much of the log from being folded, the last time
	// Of the lane alone.
	commits int
	size    int64 // of the log, when it was folded last
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
		// Whatever fails here is tried again after the next commits. After a backup there is a lot,
		// and while that is folded much comes after it: what is left for Maintain shall be little.
		for before := 0; ; {
			c, err := checkpoint(context.Background(), k.db, "PASSIVE")
			if err != nil {
				break
			}
			k.held.Store(c.frames-c.folded > muchHeld)
			if c.folded-before < muchFolded {
				break
			}
			before = c.folded
		}
	}
}

func (k *logKeeper) stop() {
	close(k.wake)
	k.ended.Wait()
	_ = k.db.Close() // nothing is pending on it
}

// checkpointed is how far the log is folded.
type checkpointed struct {
	busy           bool // somebody kept it from doing all that it was to do
	frames, folded int  // that the log has, and that are folded back
}

// checkpoint folds back what the mode allows: PASSIVE what disturbs nobody, TRUNCATE
// everything, while it keeps writers out.
func checkpoint(ctx context.Context, c interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, mode string,
) (done checkpointed, err error) {
	row := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")")
	if err := row.Scan(&done.busy, &done.frames, &done.folded); err != nil {
		return done, fmt.Errorf("checkpoint: %w", err)
	}
	return done, nil
}

// Maintain is called by the lane between two transactions. The log can begin anew only
// when all of it is folded back and nobody reads it. On a busy server that may never
// happen by chance; so once it is large, the lane makes such a moment. Little is left to
// fold by then. Not while a backup holds the log: then the wait would be in vain, and
// everybody who writes would share it.
func (e *sqliteEngine) Maintain(ctx context.Context) {
	k := e.log
	if k.commits++; k.commits%giveEvery == 0 {
		e.giver.give(ctx, e.writer)
	}
	if k.commits%lookEvery != 0 {
		return
	}
	size, due := logSize(k.path), k.commits%foldEvery == 0
	if !due && size < k.size+foldSize {
		k.size = min(k.size, size) // it may have begun anew
		return
	}
	k.size = size
	select {
	case k.wake <- struct{}{}:
	default: // it is still at the last one
	}
	if size < maxLog || !due && size < 2*maxLog || k.held.Load() {
		return
	}
	// For readers of the log it waits a little. In vain, it tries again later.
	_, _ = e.writer.conn.ExecContext(ctx, "PRAGMA busy_timeout(250)")
	_, _ = checkpoint(ctx, e.writer.conn, "TRUNCATE")
	_, _ = e.writer.conn.ExecContext(ctx, "PRAGMA busy_timeout("+busyTimeout+")")
}
