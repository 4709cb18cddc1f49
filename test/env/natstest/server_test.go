package natstest

import "testing"

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
