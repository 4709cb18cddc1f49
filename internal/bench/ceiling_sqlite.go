package bench

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	_ "modernc.org/sqlite" // registers the driver that the store uses
)

// sqlitePragmas are those of the store's connection that writes.
func sqlitePragmas() url.Values {
	return url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(1)",
		"cache_size(-16000)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)",
	}}
}

// sqliteLane is the only connection that writes.
type sqliteLane struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func openSQLiteLane(ctx context.Context, path string) ([]lane, func() error, string, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+sqlitePragmas().Encode())
	if err != nil {
		return nil, nil, "", err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, nil, "", errors.Join(err, db.Close())
	}
	l := &sqliteLane{conn, map[string]*sql.Stmt{}}
	how := "modernc.org/sqlite, WAL, synchronous=FULL, one connection, statement by statement; " +
		"no savepoints and nothing looked up"
	return []lane{l}, func() error { return errors.Join(conn.Close(), db.Close()) }, how, nil
}

func (l *sqliteLane) commit(ctx context.Context, writes []write) error {
	if err := l.run(ctx, statement{query: "BEGIN IMMEDIATE"}); err != nil {
		return err
	}
	for _, w := range writes {
		for _, st := range w {
			if err := l.run(ctx, st); err != nil {
				return err
			}
		}
	}
	return l.run(ctx, statement{query: "COMMIT"})
}

func (l *sqliteLane) run(ctx context.Context, st statement) error {
	prepared, err := l.prepare(ctx, st.query) //nolint:sqlclosecheck // kept for the next time
	if err != nil {
		return err
	}
	if st.dest != nil {
		return prepared.QueryRowContext(ctx, st.values()...).Scan(st.dest...)
	}
	_, err = prepared.ExecContext(ctx, st.values()...)
	return err
}

// prepare prepares a statement once.
func (l *sqliteLane) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := l.statements[query]; ok {
		return st, nil
	}
	st, err := l.conn.PrepareContext(ctx, query)
	if err == nil {
		l.statements[query] = st
	}
	return st, err
}
