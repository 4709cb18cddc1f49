package tool

import (
	"os"
	"path/filepath"
	"testing"
)

func TestBuild(t *testing.T) {
	repo, err := findRepo()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	first, err := buildIn(t.Context(), repo, dir, "nats-server", "github.com/nats-io/nats-server/v2")
	if err != nil {
		t.Fatal(err)
	}
	built, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	again, err := buildIn(t.Context(), repo, dir, "nats-server", "github.com/nats-io/nats-server/v2")
	if err != nil || again != first {
		t.Fatalf("built %s, then %s (%v)", first, again, err)
	}
	if now, err := os.Stat(again); err != nil || !now.ModTime().Equal(built.ModTime()) {
		t.Errorf("it was built twice (%v)", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.partial")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
