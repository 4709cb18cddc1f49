package store

import (
	"context"
	"testing"
)

// TestCommitsAreDurable: an acknowledged write is on the disk, whatever the server's
// default. Killing processes does not show this; only a power cut would.
func TestCommitsAreDurable(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		wants := map[string]string{"PRAGMA synchronous": "2", "PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": "1"}
		if o.DSN != "" {
			wants = map[string]string{"SHOW synchronous_commit": "on", "SHOW transaction_isolation": "read committed"}
			st, _ := openSpied(t, o, false)
			mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
				_, err := tx.exec(ctx, `DO $$ BEGIN
					EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
					EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''serializable''', current_database());
				END $$`)
				return err
			})
		}
		st, _ := openSpied(t, o, false)
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			for question, want := range wants {
				var got string
				if err := tx.row(ctx, question).Scan(&got); err != nil {
					return err
				}
				if got != want {
					t.Errorf("%s: %s, want %s", question, got, want)
				}
			}
			return nil
		})
	})
}
