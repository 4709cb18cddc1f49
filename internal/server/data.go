package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"parlor/internal/config"
	"parlor/internal/disk"
)

// lockFile is made by the first server of a data folder, and stays.
const lockFile = "parlor.lock"

// wasServed reports whether a server has used the data folder before.
func wasServed(cfg config.Config) bool {
	return cfg.Database == "" && (exists(filepath.Join(cfg.Data, lockFile)) || exists(cfg.SQLitePath()+"-wal"))
}

// warnOfLoss says loudly that a folder which was served before has no database any more: the
// server is about to begin with an empty one. What is left of the old one is kept. It wants
// the folder's lock.
func warnOfLoss(cfg config.Config, usedBefore bool, o Options) error {
	if !usedBefore || exists(cfg.SQLitePath()) {
		return nil
	}
	kept, err := keepLog(cfg.SQLitePath()+"-wal", o)
	if err != nil {
		return err
	}
	o.Log.Warn("the database has vanished from a data folder that was served before; beginning with an empty one",
		"missing", cfg.SQLitePath(), "log_kept_as", kept)
	if o.Out != nil {
		_, _ = fmt.Fprintf(o.Out, "\n  WARNING: %s is gone, although this folder was served before.\n"+
			"  Parlor begins with an EMPTY database: no rooms, no messages, new keys.\n"+
			"  If that is not what you want, stop it now and put the file, or a backup, back.\n", cfg.SQLitePath())
	}
	return nil
}

// keepLog moves the write-ahead log of a vanished database aside, and returns its new name,
// "" if there is none. SQLite would delete it, and it may hold the newest changes.
func keepLog(log string, o Options) (kept string, err error) {
	info, err := os.Stat(log)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	now := o.Now
	if now == nil {
		now = time.Now
	}
	kept = log + "." + now().UTC().Format("20060102T150405.000")
	if err := disk.Publish(log, kept); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return kept, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
