package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"parlor/internal/disk"
)

// Backup writes a consistent copy of the SQLite database at path to file, which must
// not exist. A server may be running on the database; it goes on reading and writing.
// progress is told, now and then, how many bytes are written of about how many. When
// Backup returns nil the copy is on the disk.
func Backup(ctx context.Context, path, file string, progress func(done, total int64)) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no database to copy: %w", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists already; choose another name", file)
	}
	db, err := openSQLiteWriter(path)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only read from
	total := int64(0)
	var pages, size int64
	if db.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages) == nil &&
		db.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size) == nil {
		total = pages * size
	}
	// Under another name until it is whole: a half copy must not look like one.
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Made here for its mode: only the owner may read other people's messages, while the
	// copy is under way too.
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { // ends with the copy
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", part)
		done <- err
	}()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return errors.Join(fmt.Errorf("copy: %w", err), os.Remove(part))
			}
			return disk.Publish(part, file)
		case <-tick.C:
			if st, err := os.Stat(part); err == nil {
				progress(st.Size(), total)
			}
		}
	}
}
