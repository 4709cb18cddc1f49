package e2e

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestVanishedDatabase: a folder that was served before and has no database any more is
// most likely a mistake. The server starts afresh, and says so loudly; what is left of the
// old database it keeps.
func TestVanishedDatabase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		lose   func(t *testing.T, data string)
		warned bool
	}{
		{"first start", func(t *testing.T, data string) { must(t, os.RemoveAll(data)) }, false},
		{"restart", func(*testing.T, string) {}, false},
		{"deleted", func(t *testing.T, data string) { must(t, os.Remove(filepath.Join(data, "parlor.db"))) }, true},
		{"its log is left", func(t *testing.T, data string) {
			must(t, os.Remove(filepath.Join(data, "parlor.db")))
			must(t, os.Remove(filepath.Join(data, "parlor.lock")))
			must(t, os.WriteFile(filepath.Join(data, "parlor.db-wal"), []byte("the newest changes"), 0o600))
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := servertest.SQLite(t)
			cfg.Data = filepath.Join(cfg.Data, "data")
			servertest.Start(t, cfg, nil).Stop(t)
			tt.lose(t, cfg.Data)
			var log lines
			var out bytes.Buffer
			s := servertest.StartTold(t, cfg, log.logger(slog.LevelInfo), &out)
			putUsers(t, s.Default(), "a")
			s.Stop(t)
			got := log.with("the database has vanished from a data folder that was served before; beginning with an empty one")
			if (len(got) == 1 && strings.Contains(got[0], "level=WARN") && strings.Contains(got[0], "parlor.db")) != tt.warned {
				t.Errorf("warned: %q", got)
			}
			if strings.Contains(out.String(), "WARNING") != tt.warned {
				t.Errorf("printed: %q", &out)
			}
			kept, err := filepath.Glob(filepath.Join(cfg.Data, "parlor.db-wal.*"))
			must(t, err)
			if (len(kept) == 1) != (tt.name == "its log is left") {
				t.Errorf("kept %q", kept)
			}
			for _, file := range kept {
				if text, err := os.ReadFile(file); err != nil || string(text) != "the newest changes" {
					t.Errorf("%s has %q, %v", file, text, err)
				}
			}
			s.StartAgain(t)
		})
	}
}
