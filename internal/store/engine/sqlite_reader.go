package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"os"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
)

const (
	// readerMap bounds what readers of a large file see of it through a map, in bytes: pages
	// that they do not copy, each into a cache of its own. It is the most that SQLite takes. A
	// disk that cannot be read ends the process then.
	readerMap = "2147418112"
	// mapFrom is the size of a large file, in bytes. A smaller one is in the readers' caches
	// anyway, and a map of it would only count as memory once more.
	mapFrom = 64 << 20
	// readerLifetime is how soon a file that has become large is seen through a map.
	readerLifetime = 10 * time.Minute
)

// readerConnector opens connections that read, through a map where the file is large.
type readerConnector struct {
	driver.Connector // without a map
	mapping          driver.Connector
	path             string
	from             atomic.Int64
}

func newReaderConnector(path string) (*readerConnector, error) {
	pragmas := map[string]string{"busy_timeout": busyTimeout, "query_only": "1", "cache_size": readerCache}
	plain, err := sqlite.NewConnector(sqliteDSN(path, pragmas))
	if err != nil {
		return nil, err
	}
	pragmas["mmap_size"] = readerMap
	mapping, err := sqlite.NewConnector(sqliteDSN(path, pragmas))
	if err != nil {
		return nil, err
	}
	c := &readerConnector{Connector: plain, mapping: mapping, path: path}
	c.from.Store(mapFrom)
	return c, nil
}

// Connect looks at the file's size.
func (c *readerConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if info, err := os.Stat(c.path); err == nil && info.Size() >= c.from.Load() {
		return c.mapping.Connect(ctx)
	}
	return c.Connector.Connect(ctx)
}

// openReaders opens at most n connections at a time.
func (c *readerConnector) openReaders(n int) *sql.DB {
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxLifetime(readerLifetime)
	return db
}
