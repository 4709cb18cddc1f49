package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestDataGone: what is written to a deleted file is gone with the process. So once the
// database's files are not in their place any more, writes are refused and the server is
// not ready; when they are back, it goes on.
func TestDataGone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		take func(t *testing.T, data string) (putBack func()) // nil where there is no way back
	}{
		{"folder deleted", func(t *testing.T, data string) func() {
			must(t, os.Rename(data, data+"-gone")) // at once: the server makes files anew in a folder that is there
			must(t, os.RemoveAll(data+"-gone"))
			return nil
		}},
		{"folder moved", func(t *testing.T, data string) func() {
			must(t, os.Rename(data, data+"-moved"))
			return func() { must(t, os.Rename(data+"-moved", data)) }
		}},
		{"file moved", func(t *testing.T, data string) func() {
			file := filepath.Join(data, "parlor.db")
			must(t, os.Rename(file, file+"-moved"))
			return func() { must(t, os.Rename(file+"-moved", file)) }
		}},
		{"file replaced", func(t *testing.T, data string) func() {
			file := filepath.Join(data, "parlor.db")
			text, err := os.ReadFile(file)
			must(t, err)
			must(t, os.Rename(file, file+"-moved"))
			must(t, os.WriteFile(file, text, 0o600))
			return func() { must(t, os.Rename(file+"-moved", file)) }
		}},
		{"log deleted", func(t *testing.T, data string) func() {
			must(t, os.Remove(filepath.Join(data, "parlor.db-wal")))
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := servertest.SQLite(t)
			cfg.Data = filepath.Join(cfg.Data, "data")
			s := servertest.Start(t, cfg, nil).Default()
			putUsers(t, s, "before")
			putBack := tt.take(t, cfg.Data)
			for i := range 3 {
				a := call(t, s, "user/update", obj{"xcUserID": "after", "fullName": "U"})
				checkFailure(t, a, failure{
					"50301", "The database's files were deleted, moved or replaced while Parlor runs; nothing was stored", "",
				})
				got := getPage(t, s, "/readyz")
				if got.status != http.StatusServiceUnavailable ||
					!strings.Contains(got.body, "files were deleted, moved or replaced") {
					t.Errorf("question %d: /readyz answers %d: %s", i, got.status, got.body)
				}
			}
			if putBack == nil {
				return
			}
			putBack()
			putUsers(t, s, "after")
			if got := getPage(t, s, "/readyz"); got.status != http.StatusOK {
				t.Errorf("/readyz answers %d: %s", got.status, got.body)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
