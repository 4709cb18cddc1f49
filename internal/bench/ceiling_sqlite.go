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
	how := "modernc.org/sqlite, WAL, synchronous=FULL, one connection; no savepoints and nothing looked up"
	return []lane{l}, func() error { return errors.Join(conn.Close(), db.Close()) }, how, nil
}

func (l *sqliteLane) begin(ctx context.Context) error  { return l.exec(ctx, "BEGIN IMMEDIATE") }
func (l *sqliteLane) commit(ctx context.Context) error { return l.exec(ctx, "COMMIT") }

func (l *sqliteLane) exec(ctx context.Context, query string, args ...any) error {
	st, err := l.stmt(ctx, query)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

func (l *sqliteLane) row(ctx context.Context, query string, args []any, dest ...any) error {
	st, err := l.stmt(ctx, query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(ctx, args...).Scan(dest...)
}

// stmt prepares a statement once.
func (l *sqliteLane) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if st, ok := l.statements[query]; ok {
		return st, nil
	}
	st, err := l.conn.PrepareContext(ctx, query)
	if err == nil {
		l.statements[query] = st
	}
	return st, err
}

func (l *sqliteLane) appendMessage(ctx context.Context, m rawMessage) error {
	var seq, createdAt, id int64
	err := l.row(ctx, rawRaiseCounters, []any{nowMS(), m.room, m.app}, &seq, &createdAt)
	if err != nil {
		return err
	}
	if err := l.row(ctx, rawInsertMessage, append(m.values(), seq, createdAt), &id); err != nil || m.byApp {
		return err
	}
	return l.exec(ctx, rawCountOwn, m.sender, m.room)
}
