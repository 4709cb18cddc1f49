package service_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/file"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// sweeping is a service whose clock a test moves, and a user of its.
type sweeping struct {
	*service.Service
	store   *store.Store
	objects file.Objects
	spools  *file.Spools
	dir     string
	now     time.Time
	ana     service.Member
}

func newSweeping(t *testing.T, o store.Options) *sweeping {
	t.Helper()
	s := &sweeping{dir: t.TempDir(), now: time.Now()}
	o.Now = func() time.Time { return s.now }
	s.store = storetest.Open(t, o)
	var err error
	if s.objects, s.spools, err = file.OpenFolder(s.dir); err != nil {
		t.Fatal(err)
	}
	s.Service = service.New(s.store, powertalk.Dialect{}, service.Options{
		Now: o.Now, Files: service.Files{Objects: s.objects, Spools: s.spools, MaxSize: 1 << 20, PublicURL: "https://chat.example.com"},
	})
	app, err := s.CreateApp(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	s.ana = signIn(t, s.Service, app, "ana")
	return s
}

func (s *sweeping) upload(t *testing.T, content string) (f chat.File) {
	t.Helper()
	in, err := s.Receive()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	f, err = s.ana.Upload(t.Context(), service.Upload{Name: "f", Content: in})
	if err := errors.Join(err, in.Discard()); err != nil {
		t.Fatal(err)
	}
	return f
}

// say sends a message with data to oneself, and returns its id.
func (s *sweeping) say(t *testing.T, data string) (room string, id int64) {
	t.Helper()
	room = chat.NewPair(s.ana.User, s.ana.User).String()
	local := powertalk.Dialect{}.NewLocalID()
	m, _, err := s.ana.Send(t.Context(), service.Draft{RoomID: room, LocalID: local, Type: chat.FileMessage, Data: chat.Sealed(data)})
	if err != nil {
		t.Fatal(err)
	}
	return room, int64(m.ID)
}

// sweep sweeps some time later.
func (s *sweeping) sweep(t *testing.T, later time.Duration) {
	t.Helper()
	s.now = s.now.Add(later)
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// has reports whether a file is there, and fails where the row is without content.
func (s *sweeping) has(t *testing.T, f chat.File) bool {
	t.Helper()
	got, err := s.ana.Download(t.Context(), "", string(f.ID), false)
	if chat.CodeOf(err) == chat.CodeNotFound {
		if left, _ := filepath.Glob(filepath.Join(s.dir, "objects", "*", string(f.ID)+"*")); len(left) > 0 {
			t.Errorf("left over: %q", left)
		}
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Content.Close(); err != nil {
		t.Error(err)
	}
	return true
}

// filesLeft are the files in which content is.
func (s *sweeping) filesLeft(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(s.dir, "objects", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// TestSweep: what nothing has named for a day goes, and with it what it counted.
func TestSweep(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		s := newSweeping(t, o)
		unused, named, byAddress := s.upload(t, "unused"), s.upload(t, "named"), s.upload(t, "by address")
		room, message := s.say(t, `{"fileID":"`+string(named.ID)+`"}`)
		s.say(t, `{"url":"`+s.ana.FileURL(byAddress)+`"}`)
		s.sweep(t, 23*time.Hour)
		if !s.has(t, unused) || !s.has(t, named) {
			t.Fatal("removed before a day was over")
		}
		s.sweep(t, 2*time.Hour)
		if s.has(t, unused) || !s.has(t, named) || !s.has(t, byAddress) {
			t.Fatalf("after a day: unused %t, named %t, by its address %t", s.has(t, unused), s.has(t, named), s.has(t, byAddress))
		}
		_, again := s.say(t, `{"fileID":"`+string(named.ID)+`"}`)
		for i, id := range []int64{message, again} {
			if _, err := s.ana.DeleteMessages(t.Context(), room, []int64{id}, true); err != nil {
				t.Fatal(err)
			}
			s.sweep(t, 23*time.Hour)
			if !s.has(t, named) {
				t.Fatalf("removed too early, after deletion %d", i)
			}
		}
		s.sweep(t, 2*time.Hour)
		if s.has(t, named) {
			t.Error("it is there without a message")
		}
		for _, user := range []chat.UserID{0, s.ana.User} {
			files, bytes, err := s.store.FileUsage(t.Context(), s.ana.App.ID, user)
			if err != nil || files != 1 || bytes != byAddress.Bytes() {
				t.Errorf("of user %d there are counted %d files of %d bytes (%v)", user, files, bytes, err)
			}
		}
	})
}

// TestSweepStrays: content without a row goes, unless it is new, and nothing else does.
func TestSweepStrays(t *testing.T) {
	s := newSweeping(t, storetest.SQLite(t))
	kept := s.upload(t, "kept")
	s.say(t, `{"fileID":"`+string(kept.ID)+`"}`)
	stray := chat.NewFileID()
	spool, err := s.spools.New()
	if err == nil {
		_, err = spool.Write([]byte("stray"))
	}
	if err == nil {
		err = errors.Join(s.objects.Put(t.Context(), string(stray), spool), spool.Discard())
	}
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(s.dir, "objects", "readme.txt")
	if err := os.WriteFile(foreign, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	there := func() bool {
		c, err := s.objects.Open(t.Context(), string(stray))
		if err != nil {
			return false
		}
		return c.Close() == nil
	}
	if s.sweep(t, 23*time.Hour); !there() {
		t.Error("content of an upload that may go on is gone")
	}
	s.sweep(t, 2*time.Hour)
	if there() {
		t.Error("the stray is there")
	}
	if _, err := os.Stat(foreign); err != nil || !s.has(t, kept) {
		t.Errorf("what is not a stray is gone: %v", err)
	}
}

// TestSweepSpools: what a killed process has left of uploads goes, and no upload that may go on.
func TestSweepSpools(t *testing.T) {
	s := newSweeping(t, storetest.SQLite(t))
	for name, age := range map[string]time.Duration{"upload-1.part": 3 * time.Hour, "upload-2.part": time.Hour, "x": 3 * time.Hour} {
		path, old := filepath.Join(s.dir, "spool", name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("half"), 0o600), os.Chtimes(path, old, old)); err != nil {
			t.Fatal(err)
		}
	}
	s.sweep(t, 0)
	left, err := filepath.Glob(filepath.Join(s.dir, "spool", "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != "upload-2.part" || filepath.Base(left[1]) != "x" {
		t.Errorf("left are %q (%v)", left, err)
	}
}

// TestSweepEnds: the chore ends with the server, also where there are no files.
func TestSweepEnds(t *testing.T) {
	s := newSweeping(t, storetest.SQLite(t))
	none := service.New(s.store, powertalk.Dialect{}, service.Options{})
	for _, svc := range []*service.Service{s.Service, none} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- svc.SweepFiles(ctx, slog.New(slog.DiscardHandler)) }()
		select {
		case err := <-done:
			t.Errorf("it ended by itself: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
