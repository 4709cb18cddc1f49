package engine

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"time"
)

// ProbeBytes is what CheckWrite writes after a failure, at least.
const ProbeBytes = probeBytes

// MaxTries is how often a work is run at most.
const MaxTries = maxTries

// NoteFailure makes CheckWrite believe that the last commit has failed.
func (l *Lanes[W]) NoteFailure(err error) { l.lastErr.Store(&err) }

// LastFailure is why the last commit failed; nil after one that worked.
func (l *Lanes[W]) LastFailure() error {
	if err := l.lastErr.Load(); err != nil {
		return *err
	}
	return nil
}

// HoldHere holds a snapshot in this process.
var HoldHere = holdHere

// HoldWithin is Hold with other limits.
func HoldWithin(ctx context.Context, path string, in io.Reader, out io.Writer, silence time.Duration, log int64) error {
	return hold(ctx, path, in, out, limits{silence, log})
}

// Checkpoint folds the log back as far as the mode allows; a reader may keep it from all.
func Checkpoint(ctx context.Context, path, mode string) error {
	db, err := sql.Open("sqlite", sqliteDSN(path, map[string]string{"busy_timeout": "0"}))
	if err != nil {
		return err
	}
	_, err = checkpoint(ctx, db, mode)
	return errors.Join(err, db.Close())
}

// KeepFree sets how many pages stay free at least. Nobody may write meanwhile.
func KeepFree(e Engine, pages int64) { e.(*sqliteEngine).giver.keep = pages }

// MapFrom sets from which size on the file is read through a map.
func MapFrom(e Engine, bytes int64) {
	s := e.(*sqliteEngine)
	s.connector.from.Store(bytes)
	s.readers.SetMaxIdleConns(0) // closes those of before
	s.readers.SetMaxIdleConns(cap(s.slots))
}

// MakeOld makes a database as there were before free pages were given back.
func MakeOld(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", sqliteDSN(path, map[string]string{"auto_vacuum": "NONE"}))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "CREATE TABLE empty (x); DROP TABLE empty")
	return errors.Join(err, db.Close())
}
