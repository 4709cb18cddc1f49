package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"parlor/internal/store"
)

// audits find what must never be in a database, whoever wrote it and however that
// ended. Each returns a line of text per finding.
var audits = []struct{ rule, query string }{
	{"a room's counters count its messages, whose numbers have neither gaps nor doubles", `
		SELECT 'room ' || r.id || ' with ' || COUNT(m.id) || ' messages: last_seq ' || r.last_seq ||
			', visible_count ' || r.visible_count ||
			', last_message_at ' || r.last_message_at || ', last_visible_at ' || r.last_visible_at
		FROM rooms r LEFT JOIN messages m ON m.room_id = r.id
		GROUP BY r.id
		HAVING r.last_seq - r.expired_count - r.expired_hidden <> COUNT(m.id) OR COUNT(m.id) <> COUNT(DISTINCT m.seq)
			OR r.last_seq <> COALESCE(MAX(m.seq), 0)
			OR r.visible_count - r.expired_count <> COUNT(m.id) FILTER (WHERE NOT m.is_hidden)
			OR r.last_message_at <> COALESCE(MAX(m.created_at), 0)
			OR r.last_visible_at <> COALESCE(MAX(m.created_at) FILTER (WHERE NOT m.is_hidden), 0)`},
	{"ids and times of a room's messages increase with their numbers", `
		SELECT 'message ' || id || ' in room ' || room_id FROM (
			SELECT room_id, id, created_at,
				LAG(id) OVER (PARTITION BY room_id ORDER BY seq) AS id_before,
				LAG(created_at) OVER (PARTITION BY room_id ORDER BY seq) AS created_before
			FROM messages) m
		WHERE id_before >= id OR created_before >= created_at`},
	{"a sender's count is that of their visible messages", `
		SELECT 'user ' || p.user_id || ' in room ' || p.room_id || ': sent_count ' || p.sent_count ||
			', messages ' || COUNT(m.id)
		FROM participants p JOIN users u ON u.id = p.user_id AND u.xc_user_id <> ''
		LEFT JOIN messages m ON m.room_id = p.room_id AND m.sender_id = p.user_id AND NOT m.is_hidden
		GROUP BY p.user_id, p.room_id, p.sent_count, p.sent_expired HAVING p.sent_count - p.sent_expired <> COUNT(m.id)`},
	{"who has read something behind a hole has read, or counts as having read, what is gone", `
		SELECT 'user ' || p.user_id || ' in room ' || p.room_id FROM participants p JOIN rooms r ON r.id = p.room_id
		WHERE p.has_gaps AND p.read_upto < r.expired_upto`},
	{"what is gone from the beginning of a room is gone as a whole", `
		SELECT 'message ' || m.id FROM messages m JOIN rooms r ON r.id = m.room_id WHERE m.created_at <= r.expired_upto`},
	{"a rule of retention has a job", `
		SELECT 'App ' || q.app_id || ', tag ' || q.tag FROM retention_rules q WHERE NOT EXISTS (
			SELECT 1 FROM jobs j WHERE j.id = q.job_id AND j.kind = 'retention' AND j.app_id = q.app_id AND j.payload = q.tag)
		UNION ALL
		SELECT 'job ' || j.id FROM jobs j WHERE j.kind = 'retention' AND NOT EXISTS (
			SELECT 1 FROM retention_rules q WHERE q.job_id = j.id)`},
	{"every sender has a count", `
		SELECT 'user ' || m.sender_id || ' in room ' || m.room_id FROM messages m
		JOIN users u ON u.id = m.sender_id AND u.xc_user_id <> ''
		WHERE NOT m.is_hidden AND NOT EXISTS (
			SELECT 1 FROM participants p WHERE p.user_id = m.sender_id AND p.room_id = m.room_id)`},
	{"a room and all that is in it belong to one App", `
		SELECT 'message ' || m.id FROM messages m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.sender_id
			WHERE m.app_id <> r.app_id OR m.app_id <> u.app_id
		UNION ALL
		SELECT 'user ' || p.user_id || ' in room ' || p.room_id FROM participants p
			JOIN rooms r ON r.id = p.room_id JOIN users u ON u.id = p.user_id WHERE u.app_id <> r.app_id
		UNION ALL
		SELECT 'role ' || rr.role_code || ' in room ' || rr.room_id FROM room_roles rr
			JOIN rooms r ON r.id = rr.room_id WHERE rr.app_id <> r.app_id`},
	{"no two messages of an App have the same localID", `
		SELECT 'App ' || app_id || ', localID ' || local_id FROM messages GROUP BY app_id, local_id HAVING COUNT(*) > 1`},
	{"every message is entered by its localID", `
		SELECT 'message ' || id FROM messages WHERE id NOT IN (SELECT message_id FROM local_ids)
			AND NOT EXISTS (SELECT 1 FROM older_local_ids)`},
	{"every localID that is taken has its message", `
		SELECT 'generation ' || generation || ', message ' || message_id FROM local_ids
		WHERE message_id NOT IN (SELECT id FROM messages) AND NOT EXISTS (SELECT 1 FROM app_deletions)
			AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.expired_count + r.expired_hidden > 0)`},
	{"every message has its room and sender", `
		SELECT 'message ' || m.id FROM messages m
		LEFT JOIN rooms r ON r.id = m.room_id LEFT JOIN users u ON u.id = m.sender_id
		WHERE (r.id IS NULL OR u.id IS NULL) AND m.app_id NOT IN (SELECT a.id FROM apps a WHERE a.deleted_at > 0)`},
	{"those who joined a room have places of their own", `
		SELECT 'room ' || p.room_id FROM participants p JOIN rooms r ON r.id = p.room_id WHERE p.is_explicit
		GROUP BY p.room_id, r.join_count HAVING COUNT(*) <> COUNT(DISTINCT p.joined) OR MAX(p.joined) > r.join_count`},
	{"a personal room says what blocks there are between the two", `
		SELECT 'room ' || r.id || ': ' || r.blocks FROM rooms r WHERE r.blocks <> CASE WHEN r.type = 1 THEN
			(SELECT COUNT(*) FROM blocks b WHERE b.owner_id = r.user_a AND b.blocked_id = r.user_b)
			+ 2 * (SELECT COUNT(*) FROM blocks b WHERE b.owner_id = r.user_b AND b.blocked_id = r.user_a) ELSE 0 END`},
	{"users whom no word of their name finds", `
		SELECT 'user ' || u.id FROM users u WHERE u.xc_user_id <> '' AND TRIM(u.fullname) <> '' AND NOT EXISTS (
			SELECT 1 FROM user_words w WHERE w.user_id = u.id AND w.app_id = u.app_id)`},
	{"logins and tickets of users who may not sign in", `
		SELECT 'user ' || u.id FROM users u JOIN logins l ON l.user_id = u.id WHERE u.deactivated_at > 0 OR u.deleted_at > 0
		UNION SELECT 'user ' || u.id FROM users u JOIN auth_tickets t ON t.user_id = u.id WHERE u.deactivated_at > 0`},
	{"only in a personal room something is withheld", `
		SELECT 'message ' || m.id FROM messages m JOIN rooms r ON r.id = m.room_id
		WHERE m.withheld AND (r.type <> 1 OR m.sender_id NOT IN (r.user_a, r.user_b) OR r.user_a = r.user_b)`},
	{"what is scheduled has a job, and the job what it is to send", `
		SELECT 'scheduled message ' || s.id FROM scheduled_messages s
			WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = s.job_id AND j.subject = s.id AND j.app_id = s.app_id)
		UNION ALL
		SELECT 'job ' || j.id FROM jobs j WHERE j.kind = 'scheduled-message'
			AND NOT EXISTS (SELECT 1 FROM scheduled_messages s WHERE s.id = j.subject AND s.job_id = j.id)`},
	{"what is scheduled was not sent", `
		SELECT 'scheduled message ' || s.id FROM scheduled_messages s
		JOIN messages m ON m.app_id = s.app_id AND m.local_id = s.local_id`},
	{"what is sent to many rooms, or deleted, has a job until it is finished", `
		SELECT 'broadcast ' || b.id FROM broadcasts b WHERE (b.finished_at = 0) <> EXISTS (
			SELECT 1 FROM jobs j WHERE j.kind = 'broadcast' AND j.app_id = b.app_id AND j.payload = b.id)
		UNION ALL
		SELECT 'deletion ' || d.id FROM deletions d WHERE (d.finished_at = 0) <> EXISTS (
			SELECT 1 FROM jobs j WHERE j.kind = 'deletion' AND j.app_id = d.app_id AND j.payload = d.id)`},
	{"what the files of an App and of a user take is counted", `
		SELECT 'App ' || u.app_id || ', user ' || u.user_id || ': ' || u.files || ' files, ' || u.bytes || ' bytes'
		FROM file_usage u
		LEFT JOIN files f ON f.app_id = u.app_id AND u.user_id IN (0, f.owner_id)
		GROUP BY u.app_id, u.user_id, u.files, u.bytes
		HAVING u.files <> COUNT(f.id) OR u.bytes <> COALESCE(SUM(f.size + f.thumbnail), 0)
		UNION ALL
		SELECT 'file ' || f.id FROM files f WHERE 2 <> (SELECT COUNT(*) FROM file_usage u
			WHERE u.app_id = f.app_id AND u.user_id IN (0, f.owner_id))`},
	{"who is banned is in no room by name", `
		SELECT 'user ' || user_id || ' in room ' || room_id FROM participants WHERE is_explicit AND banned_until > 0`},
	{"a restriction is counted where messages look for it", `
		SELECT 'room ' || r.id FROM rooms r WHERE r.restrictions = 0 AND (r.frozen_at > 0 OR EXISTS (
			SELECT 1 FROM participants p WHERE p.room_id = r.id AND (p.banned_until > 0 OR p.silenced_until > 0)))`},
	{"rooms are listed by their tags and by the hour of their newest message", `
		SELECT 'room ' || r.id FROM rooms r WHERE r.active_hour <> r.last_message_at / 3600000
			OR r.tags IN ('', '[]') AND EXISTS (SELECT 1 FROM room_tags t WHERE t.room_id = r.id)
			OR r.tags NOT IN ('', '[]') AND NOT EXISTS (SELECT 1 FROM room_tags t WHERE t.room_id = r.id)
		UNION ALL
		SELECT 'room ' || r.id || ', tag ' || t.tag FROM room_tags t JOIN rooms r ON r.id = t.room_id
			WHERE t.app_id <> r.app_id`},
	{"both are in a personal room", `
		SELECT 'room ' || r.id FROM rooms r WHERE r.type = 1 AND (SELECT COUNT(*) FROM participants p
			WHERE p.room_id = r.id AND p.is_explicit AND p.user_id IN (r.user_a, r.user_b))
			<> CASE WHEN r.user_a = r.user_b THEN 1 ELSE 2 END`},
	{"each message since events are recorded is one event", `
		SELECT 'message ' || m.id || ' added by ' || m.added FROM messages m
		JOIN (SELECT f.app_id, MIN(f.number) AS first FROM feed_events f GROUP BY f.app_id) x ON x.app_id = m.app_id
		WHERE m.added > x.first AND 1 <> (SELECT COUNT(*) FROM feed_events e WHERE e.app_id = m.app_id
			AND e.number = m.added AND e.room_id = m.room_id AND e.time = m.created_at AND e.kind = 'message.created')`},
	{"events of a room's messages are in the order of the messages", `
		SELECT 'room ' || o.room_id || ' at ' || o.time FROM (SELECT e.room_id, e.time,
			LAG(e.time) OVER (PARTITION BY e.room_id ORDER BY e.number, e.id) AS before
			FROM feed_events e WHERE e.kind = 'message.created') o WHERE o.before >= o.time`},
}

// Audit looks through a database for what must never be there. A server may be running
// on it, as long as nobody writes.
func Audit(t testing.TB, o store.Options) {
	t.Helper()
	db := openRaw(t, o)
	if o.DSN == "" {
		if got := lines(t, db, "PRAGMA integrity_check"); len(got) != 1 || got[0] != "ok" {
			t.Errorf("integrity check: %v", got)
		}
		if got := lines(t, db, `SELECT "table" FROM pragma_foreign_key_check`); len(got) > 0 {
			t.Errorf("rows that refer to nothing, in %v", got)
		}
	}
	for _, a := range audits {
		if got := lines(t, db, a.query+" LIMIT 10"); len(got) > 0 {
			t.Errorf("not so: %s\n%v", a.rule, got)
		}
	}
}

// LocalIDs returns the localIDs of all messages.
func LocalIDs(t testing.TB, o store.Options) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, id := range Query(t, o, "SELECT local_id FROM messages") {
		ids[id] = true
	}
	return ids
}

// Query asks past the store and returns the texts of the only column.
func Query(t testing.TB, o store.Options, query string) []string {
	t.Helper()
	return lines(t, openRaw(t, o), query)
}

// Exec runs a statement past the store, for what the store has no business doing.
func Exec(t testing.TB, o store.Options, statement string) {
	t.Helper()
	if _, err := openRaw(t, o).ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// HoldRead begins a read that lasts until release is called. As long as it does, SQLite
// cannot use again the space in its log, so that every commit needs new space.
func HoldRead(t testing.TB, o store.Options) (release func()) {
	t.Helper()
	tx, err := openRaw(t, o).BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRowContext(context.Background(), "SELECT COUNT(*) FROM apps").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// HoldWrite begins a transaction on PostgreSQL that counts as writing until release is called,
// like one of another program in the same cluster.
func HoldWrite(t testing.TB, o store.Options) (release func()) {
	t.Helper()
	tx, err := openRaw(t, o).BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(context.Background(), "SELECT pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// openRaw opens the database past the store.
func openRaw(t testing.TB, o store.Options) *sql.DB {
	t.Helper()
	driver, name := "pgx", o.DSN
	if o.DSN == "" {
		driver, name = "sqlite", "file:"+o.Path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0) // a test may ask many times
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// lines returns the texts of a query's only column.
func lines(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	list, err := texts(context.Background(), db, query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return list
}

func texts(ctx context.Context, db *sql.DB, query string) (list []string, err error) {
	rs, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	for rs.Next() {
		var s string
		if err := rs.Scan(&s); err != nil {
			return nil, fmt.Errorf("row: %w", err)
		}
		list = append(list, s)
	}
	return list, rs.Err()
}
