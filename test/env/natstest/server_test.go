package natstest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKillAndStartAgain(t *testing.T) {
	s := Run(t)
	url := s.URL()
	s.Kill()
	s.Kill()
	if s.ping(t.Context()) == nil {
		t.Fatal("a killed server answers")
	}
	if s.Pause() == nil {
		t.Error("a server that is down was paused")
	}
	for range 2 { // the second time it runs already
		if err := s.StartAgain(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ping(t.Context()); err != nil || s.URL() != url {
		t.Errorf("the server is back at %s, not %s (%v)", s.URL(), url, err)
	}
	s.Stop()
	s.Stop()
	if s.StartAgain() == nil {
		t.Error("a stopped server came back")
	}
}

func TestPause(t *testing.T) {
	s := Run(t)
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := s.ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBadArgument(t *testing.T) {
	if s, err := Start(t.Context(), "--nonsense"); err == nil {
		s.Stop()
		t.Error("a server with a nonsensical argument runs")
	}
}

func TestBuild(t *testing.T) {
	repo, err := findRepo()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	first, err := buildIn(t.Context(), repo, dir)
	if err != nil {
		t.Fatal(err)
	}
	built, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	again, err := buildIn(t.Context(), repo, dir)
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
