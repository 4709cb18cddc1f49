package upgrade

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/internal/server"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// TestFrozen: a database of each released version, upgraded, shows what it has shown, and
// works.
func TestFrozen(t *testing.T) {
	versions, err := filepath.Glob("testdata/v*")
	if err != nil || len(versions) == 0 {
		t.Fatalf("frozen versions: %v (%v)", versions, err)
	}
	for _, version := range versions {
		for _, engine := range engines {
			t.Run(filepath.Base(version)+"/"+engine.name, func(t *testing.T) {
				cfg := engine.make(t)
				l := thaw(t, cfg, filepath.Join(version, engine.name))
				before, err := store.Schema(t.Context(), server.StoreOptions(cfg))
				if err != nil || before.Current == 0 {
					t.Fatalf("the frozen schema: %+v (%v)", before, err)
				}
				checkShown(t, cfg, l, filepath.Join(version, "shown.golden"))
				after, err := store.Schema(t.Context(), server.StoreOptions(cfg))
				if err != nil || after.Current != after.Newest {
					t.Errorf("the schema after the upgrade: %+v (%v)", after, err)
				}
				storetest.Audit(t, server.StoreOptions(cfg))
			})
		}
	}
}

// TestFill: what is filled into a database today shows the same, on both engines, and is what
// is frozen for a release.
func TestFill(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			cfg := engine.make(t)
			l := fill(t, cfg)
			if *freeze != "" {
				keep(t, cfg, l, filepath.Join("testdata", *freeze, engine.name))
			}
			checkShown(t, cfg, l, "testdata/fill.golden")
			storetest.Audit(t, server.StoreOptions(cfg))
		})
	}
	if *freeze != "" {
		for _, r := range released {
			writeHashes(t, r.list, hashes(t, r.root, r.pattern))
		}
	}
}

// checkShown starts a server on a filled database, compares what it shows with a golden file,
// and uses it.
func checkShown(t *testing.T, cfg config.Config, l logins, golden string) {
	t.Helper()
	c := clockAt(openedAt)
	s := servertest.Start(t, cfg, c.now)
	finished(t, server.StoreOptions(cfg))
	got := show(t, s, l)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, got, string(want))
	use(t, s, c, l)
	s.Stop(t)
}

// finished waits for the work that the last server has left behind.
func finished(t *testing.T, o store.Options) {
	t.Helper()
	timeout, again := time.After(20*time.Second), time.Tick(10*time.Millisecond)
	for len(storetest.Query(t, o, "SELECT kind FROM user_tasks")) > 0 {
		select {
		case <-again:
		case <-timeout:
			t.Fatal("what was left to do is not done")
		}
	}
}

// compare names the first lines in which what is shown differs, and the calls they are of.
func compare(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	heading := ""
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("line %d, in %s\nis     %s\nand was %s", i+1, heading, g[i], w[i])
			return
		}
		if strings.HasPrefix(g[i], "#") {
			heading = g[i]
		}
	}
	t.Errorf("%d lines are shown, and there were %d", len(g), len(w))
}
