package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parlor/internal/disk"
)

// BackupOptions say how a copy is made.
type BackupOptions struct {
	// Compact leaves out what is free, and orders what is not. It takes longer, and for a while
	// twice the room.
	Compact bool
	// Check has the whole copy looked through for damage, which takes longer than copying.
	Check bool
	// Progress, if set, is told after each MiB how many bytes are copied, of how many.
	Progress func(done, total int64)
	// Hold, if set, holds the snapshot in another process: see Hold. Nil holds it in this one,
	// which, once it is stopped with SIGSTOP, does not let go.
	Hold func(ctx context.Context, path string) (Held, error)
}

// Backup writes a consistent copy of the SQLite database at path to file, which must
// not exist. A server may be running on the database; it goes on reading and writing. When
// Backup returns nil the copy is on the disk, and has all that was committed before the call.
//
// It copies bytes, under a read transaction that SQLite itself knows of. Why that is exact:
//
//   - The transaction sees the log up to some frame. While it is open, nobody folds back a
//     later frame, nor begins the log anew while frames are not folded. So what changes in the
//     file meanwhile, even under a read of it, are pages that the log has, up to that frame.
//   - The log is copied first, and so has all frames up to that one, perhaps followed by later
//     ones. Folded into the copy, it gives each page that was changing its last content, up to
//     the last whole commit in the log; all other pages did not change.
//   - A transaction that begins when the whole log is folded back does not need the log, and
//     lets others begin it anew. But it keeps them from folding anything: then the file does not
//     change at all. The log's header, read before and after, tells whether this has happened,
//     and the copy of the log is left out.
func Backup(ctx context.Context, path, file string, o BackupOptions) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return fmt.Errorf("there is no database to copy: %w", err)
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already; choose another name", file)
	}
	// Under another name until it is whole: a half copy must not look like one.
	part := file + ".part"
	raw := part
	if o.Compact {
		raw = part + ".raw"
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeDatabase(raw), removeDatabase(part))
		}
	}()
	if err := errors.Join(removeDatabase(raw), removeDatabase(part)); err != nil {
		return err // left by one that was killed
	}
	if err := copySnapshot(ctx, path, raw, o); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if err := settleCopy(ctx, raw, o.Check && !o.Compact); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	if o.Compact {
		if err := compactInto(ctx, raw, part, o.Check); err != nil {
			return fmt.Errorf("compact: %w", err)
		}
		if err := removeDatabase(raw); err != nil {
			return err
		}
	}
	return disk.Publish(part, file)
}

// removeDatabase removes a copy that is not wanted, with what belongs to it.
func removeDatabase(path string) error {
	var all error
	for _, name := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// copySnapshot copies the database at path and its log to raw.
func copySnapshot(ctx context.Context, path, raw string, o BackupOptions) (err error) {
	hold := o.Hold
	if hold == nil {
		hold = holdHere
	}
	// SQLite's locks go with the first file of a process that is closed, so these are opened
	// before the lock is taken, and closed after it.
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // only read from
	held, err := hold(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Release()) }()
	if err := copyLog(ctx, path+"-wal", raw+"-wal", held); err != nil {
		return err
	}
	return copyFile(ctx, from, raw, &pacer{log: path + "-wal", held: held}, o.Progress)
}

// settleCopy folds the log into a copy, and looks whether it is sound.
func settleCopy(ctx context.Context, raw string, thorough bool) (err error) {
	db, err := sql.Open("sqlite", sqliteDSN(raw, map[string]string{
		"locking_mode": "EXCLUSIVE", "synchronous": "FULL", "cache_size": writerCache, "wal_autocheckpoint": "0",
	}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }() // which removes the log
	db.SetMaxOpenConns(1)
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if err := countApart(ctx, db); err != nil {
		return err
	}
	if strings.EqualFold(mode, "wal") {
		done, err := checkpoint(ctx, db, "TRUNCATE")
		if err != nil {
			return err
		}
		if done.busy {
			return errors.New("somebody else has opened it")
		}
	}
	return soundness(ctx, db, raw, thorough)
}

// countApart has a copy count its changes from far above those that the original counts meanwhile: what is known by
// a number of the original, such as an event that somebody was told of, is not taken for another one of the copy.
func countApart(ctx context.Context, db *sql.DB) error {
	var counts bool
	err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'change_counter')`).Scan(&counts)
	if err == nil && counts {
		_, err = db.ExecContext(ctx, `UPDATE change_counter SET n = n + ? WHERE id = 1`, apart)
	}
	return err
}

// apart is by how much the numbers of two databases differ that have come from one. A thousand commits a second take
// seven weeks for so many.
const apart = 1 << 32

// soundness compares a database with its file, and if thorough reads all of it.
func soundness(ctx context.Context, db *sql.DB, path string, thorough bool) error {
	var pages, size, tables int64
	for query, to := range map[string]*int64{
		"PRAGMA page_count": &pages, "PRAGMA page_size": &size, "SELECT COUNT(*) FROM sqlite_master": &tables,
	} {
		if err := db.QueryRowContext(ctx, query).Scan(to); err != nil {
			return err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() != pages*size || tables == 0 {
		return fmt.Errorf("it has %d bytes, not %d pages of %d", info.Size(), pages, size)
	}
	if !thorough {
		return nil
	}
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the database is damaged: %s", verdict)
	}
	return nil
}

// compactInto writes the database raw, which nobody else has, to part.
func compactInto(ctx context.Context, raw, part string, thorough bool) (err error) {
	if err := makePrivate(part); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteDSN(raw, map[string]string{
		"auto_vacuum": "INCREMENTAL", "cache_size": readerCache, // an old database gets it with its copy
	}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", part); err != nil {
		return err
	}
	return settleCopy(ctx, part, thorough)
}

// makePrivate makes a file of which only its owner may read: it will hold other people's
// messages.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
