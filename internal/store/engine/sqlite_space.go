package engine

import (
	"context"
	"fmt"
	"os"
	"time"
)

// Space is what an embedded database takes of its disk, in bytes.
type Space struct {
	Data int64 // in use
	Free int64 // in the file, and free for what comes
	Log  int64 // what is committed and perhaps not folded back yet
}

// Space says what the database takes of the disk; ok is false for one that is not embedded.
func (e *sqliteEngine) Space(ctx context.Context) (s Space, ok bool, err error) {
	var pages, free, size int64
	for query, to := range map[string]*int64{
		"PRAGMA page_count": &pages, "PRAGMA freelist_count": &free, "PRAGMA page_size": &size,
	} {
		if err := e.Row(ctx, query).Scan(to); err != nil {
			return Space{}, true, err
		}
	}
	return Space{Data: (pages - free) * size, Free: free * size, Log: logSize(e.files.path)}, true, nil
}

// giver gives free pages back to the disk, a few at a time. It works on databases that were
// made with auto_vacuum=INCREMENTAL, on others nothing happens.
type giver struct {
	keep  int64 // pages that stay free: they will be needed soon
	pages int   // of the next step; it follows how long the last one took
}

const (
	// giveEvery is how many commits go by between two steps.
	giveEvery = 64
	// giveTime is how long one step may keep those waiting who write.
	giveTime = 10 * time.Millisecond
	// keepFree is how many pages stay free at least: 32 MiB.
	keepFree = 8192
	minGive  = 8
	maxGive  = 1024
)

func newGiver() giver { return giver{keep: keepFree, pages: minGive} }

// give does one step, and reports whether it gave something back.
func (g *giver) give(ctx context.Context, c *sqliteWriteConn) bool {
	var free int64
	if err := c.Row(ctx, "PRAGMA freelist_count").Scan(&free); err != nil || free <= g.keep {
		return false
	}
	began := time.Now()
	// Each row is a page; who does not read them to the end gives back only the first.
	rows, err := c.conn.QueryContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", min(g.pages, int(free-g.keep))))
	if err != nil {
		return false
	}
	defer rows.Close()
	given := 0
	for rows.Next() {
		given++
	}
	if rows.Err() != nil {
		return false // as on a full disk; it is tried again
	}
	if took := time.Since(began); took > giveTime {
		g.pages = max(minGive, g.pages/4)
	} else if took < giveTime/2 {
		g.pages = min(maxGive, g.pages*2)
	}
	return given > 0
}

// logSize is the size of the log of the database at path, 0 if there is none.
func logSize(path string) int64 {
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}
