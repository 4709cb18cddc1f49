package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
)

// refused runs a statement of somebody who has the database, and wants it refused by a trigger.
func refused(t *testing.T, st *Store, want, statement string) {
	t.Helper()
	err := st.Write(t.Context(), 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, statement)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", statement, err, want)
	}
}

// TestAuditOnlyGrows: whoever writes SQL of their own changes no entry and deletes none but those from before the
// time that says from when on the log is whole, which never goes back.
func TestAuditOnlyGrows(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		now := time.UnixMilli(1_700_000_000_000)
		o.Now = func() time.Time { return now }
		st, _ := openSpied(t, o, true)
		app, err := st.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		add := func() {
			t.Helper()
			err := st.Write(t.Context(), 0, func(ctx context.Context, tx *Tx) error {
				return tx.Audit(ctx, chat.AuditEntry{App: app.ID, Action: "x", Result: chat.AuditOK})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		entries := func() int {
			t.Helper()
			list, err := st.AuditLog(t.Context(), app.ID, chat.AuditFilter{Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		add()
		now = now.Add(time.Hour)
		add()
		const unchanged, kept, back = "do not change", "are kept", "never goes back"
		type attempt struct{ want, statement string }
		attempts := []attempt{
			{unchanged, `UPDATE audit SET result = 'ok'`},
			{unchanged, `UPDATE audit SET created_at = 0 WHERE id = (SELECT MIN(a.id) FROM audit a)`},
			{kept, `DELETE FROM audit`},
			{kept, `DELETE FROM audit WHERE id = (SELECT MAX(a.id) FROM audit a)`},
			{back, `UPDATE audit_kept SET since = -1`},
			{back, `DELETE FROM audit_kept`},
		}
		if o.DSN == "" {
			attempts = append(attempts, attempt{unchanged, `INSERT OR REPLACE INTO audit SELECT * FROM audit LIMIT 1`})
		} else {
			attempts = append(attempts, attempt{kept, `TRUNCATE audit`}, attempt{back, `TRUNCATE audit_kept`})
		}
		for _, a := range attempts {
			refused(t, st, a.want, a.statement)
		}
		if n := entries(); n != 2 {
			t.Fatalf("%d entries are left", n)
		}

		since := now.Add(-time.Minute)
		if more, err := st.PruneAudit(t.Context(), since); more || err != nil {
			t.Fatalf("%v, %v", more, err)
		}
		if n := entries(); n != 1 {
			t.Errorf("%d entries after the older was pruned", n)
		}
		refused(t, st, kept, `DELETE FROM audit`)
		refused(t, st, back, `UPDATE audit_kept SET since = since - 1`)
		var whole int64
		if err := st.eng.Row(t.Context(), `SELECT since FROM audit_kept`).Scan(&whole); err != nil || whole != since.UnixMilli() {
			t.Errorf("the log is whole since %d, %v", whole, err)
		}
	})
}
