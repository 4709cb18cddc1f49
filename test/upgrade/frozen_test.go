package upgrade

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parlor/internal/config"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// A frozen database is two files in testdata/VERSION/ENGINE.
const (
	databaseFile = "database.gz" // SQLite's file, or statements for PostgreSQL
	loginsFile   = "logins.json"
)

// thaw makes a database of a frozen one at the place that cfg names.
func thaw(t *testing.T, cfg config.Config, folder string) (l logins) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, loginsFile))
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err != nil {
		t.Fatal(err)
	}
	content := unzip(t, filepath.Join(folder, databaseFile))
	if cfg.Database != "" {
		storetest.Exec(t, store.Options{DSN: cfg.Database}, string(content))
	} else if err := os.WriteFile(cfg.SQLitePath(), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

func unzip(t *testing.T, file string) []byte {
	t.Helper()
	zipped, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// keep freezes the database that cfg names. Nobody has it open.
func keep(t *testing.T, cfg config.Config, l logins, folder string) {
	t.Helper()
	if _, err := os.Stat(folder); err == nil {
		t.Fatalf("%s is there already, and does not change", folder)
	}
	content := dump(t, cfg)
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write(content) // into memory
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{databaseFile: zipped.Bytes(), loginsFile: l.encode(t)} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// dump is SQLite's file, or the statements that make a PostgreSQL database.
func dump(t *testing.T, cfg config.Config) []byte {
	t.Helper()
	if cfg.Database == "" {
		storetest.Exec(t, store.Options{Path: cfg.SQLitePath()}, "VACUUM")
		storetest.Exec(t, store.Options{Path: cfg.SQLitePath()}, "PRAGMA wal_checkpoint(TRUNCATE)")
		content, err := os.ReadFile(cfg.SQLitePath())
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	program := "pg_dump"
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump"); len(found) > 0 {
		program = found[len(found)-1]
	}
	out, err := exec.CommandContext(t.Context(), program, "--inserts", "--no-owner", "--no-privileges",
		cfg.Database).Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	// psql's own commands and the settings of one version are not for others.
	var b strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, `\`) && !strings.HasPrefix(line, "SET ") && !strings.HasPrefix(line, "--") &&
			line != "\n" {
			b.WriteString(line)
		}
	}
	return []byte(b.String())
}
