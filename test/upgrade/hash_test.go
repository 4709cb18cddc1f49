package upgrade

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// released are lists of files that were released, with their hashes, as sha256sum writes
// them. What is frozen and what has migrated somebody's database stays as it is.
var released = []struct{ list, root, pattern string }{
	{"testdata/frozen.sha256", "testdata", "v*/*/*"},
	{"testdata/migrations.sha256", "../../internal/store/migrations", "*/*.sql"},
}

// TestReleasedFiles: released files never change and never go, and the files of frozen
// databases are all on the list.
func TestReleasedFiles(t *testing.T) {
	for _, r := range released {
		real, list := hashes(t, r.root, r.pattern), readHashes(t, r.list)
		if len(list) == 0 {
			t.Errorf("%s names nothing", r.list)
		}
		for file, want := range list {
			switch got, there := real[file]; {
			case !there:
				t.Errorf("%s was released, and is gone", file)
			case got != want:
				t.Errorf("%s was released, and has changed: what is to be different needs a new file", file)
			}
		}
	}
	frozen := readHashes(t, released[0].list)
	for file := range hashes(t, released[0].root, released[0].pattern) {
		if frozen[file] == "" {
			t.Errorf("%s is not in %s", file, released[0].list)
		}
	}
}

// hashes are those of the files below root that match a pattern, by their names there.
func hashes(t *testing.T, root, pattern string) map[string]string {
	t.Helper()
	all := map[string]string{}
	names, err := fs.Glob(os.DirFS(root), pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		all[name] = hex.EncodeToString(sum[:])
	}
	return all
}

func readHashes(t *testing.T, file string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(content)) {
		hash, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("%s: %q is no hash and name", file, line)
		}
		all[name] = hash
	}
	return all
}

// writeHashes adds what is new to a list.
func writeHashes(t *testing.T, file string, all map[string]string) {
	t.Helper()
	if _, err := os.Stat(file); err == nil {
		maps.Copy(all, readHashes(t, file)) // what was released keeps its hash
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s  %s\n", all[name], name)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
