package engine_test

import (
	"context"
	"testing"

	"parlor/internal/store/engine"
)

// TestCommitsAreDurable: an acknowledged write is on the disk, whatever the server's
// default, and SQLite writes zeros over what it deletes. Killing processes does not show this; only a power cut
// would, and somebody who reads the file.
func TestCommitsAreDurable(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		wants := map[string]string{"PRAGMA synchronous": "2", "PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": "1", "PRAGMA secure_delete": "2"}
		if c.DSN != "" {
			wants = map[string]string{"SHOW synchronous_commit": "on", "SHOW transaction_isolation": "read committed"}
			write(t, start(t, open(t, c), engine.Options[*job]{}), &job{run: func(ctx context.Context, tx engine.Tx) error {
				_, err := tx.Exec(ctx, `DO $$ BEGIN
					EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database());
					EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''serializable''', current_database());
				END $$`)
				return err
			}})
		}
		write(t, start(t, open(t, c), engine.Options[*job]{}), &job{run: func(ctx context.Context, tx engine.Tx) error {
			for question, want := range wants {
				var got string
				if err := tx.Row(ctx, question).Scan(&got); err != nil {
					return err
				}
				if got != want {
					t.Errorf("%s: %s, want %s", question, got, want)
				}
			}
			return nil
		}})
	})
}
