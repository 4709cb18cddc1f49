package service_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// searched is a service whose index is followed at times.
type searched struct {
	st   *store.Store
	svc  *service.Service
	x    *store.SearchIndex
	path string // of its file
	o    store.Options
	now  *atomic.Int64 // Unix ms
	app  chat.App
	log  *strings.Builder // of the following, to be read when that has ended
	end  func()
}

func newSearched(t *testing.T, o store.Options) *searched {
	t.Helper()
	now := &atomic.Int64{}
	now.Store(time.Now().UnixMilli())
	o.Feed, o.Now = true, func() time.Time { return time.UnixMilli(now.Load()) }
	st := storetest.Open(t, o)
	s := &searched{st: st, o: o, now: now, log: &strings.Builder{}}
	s.path = filepath.Join(t.TempDir(), "search.db")
	s.x = st.SearchIndex(s.path)
	s.svc = service.New(st, powertalk.Dialect{}, service.Options{Search: s.x, Now: o.Now})
	st.FollowFeed(func([]chat.AppID) { s.svc.SearchRecorded() })
	var err error
	if s.app, err = s.svc.CreateApp(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	return s
}

// follow begins to follow.
func (s *searched) follow(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	s.log.Reset()
	go func() { done <- s.svc.FollowSearch(ctx, "test", slog.New(slog.NewTextHandler(s.log, nil))) }() // ends with ctx
	s.end = func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// find is what a search finds, as texts.
func (s *searched) find(t *testing.T, query string) (found string) {
	t.Helper()
	views, _, err := s.svc.Backend(s.app).SearchMessages(t.Context(), service.MessageSearch{Text: query}, "", 100)
	for _, v := range views {
		found += string(v.Body) + "|"
	}
	if err != nil {
		return err.Error()
	}
	return found
}

// finds waits until a search finds some texts.
func (s *searched) finds(t *testing.T, query, want string) {
	t.Helper()
	deadline, got := time.Now().Add(20*time.Second), ""
	for poll := time.NewTicker(2 * time.Millisecond); ; <-poll.C {
		if got = s.find(t, query); got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q finds %q, want %q", query, got, want)
		}
	}
}

// TestSearchIndexThatWasLeftBehind: an index that nobody has followed for a while shows nothing that is no longer so,
// goes on where it was if the events since are kept, and is made anew if they are not.
func TestSearchIndexThatWasLeftBehind(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		s := newSearched(t, o)
		ana := signIn(t, s.svc, s.app, "ana")
		group, err := ana.CreateGroup(t.Context(), "group", nil)
		if err != nil {
			t.Fatal(err)
		}
		say := func(text string) chat.MessageID {
			t.Helper()
			m, _, err := ana.Send(t.Context(), draftIn(group.Room.PublicID(), cipher.NewLocalID(), text))
			if err != nil {
				t.Fatal(err)
			}
			return m.ID
		}
		edit := func(id chat.MessageID, text string) {
			t.Helper()
			if _, _, err := s.svc.Backend(s.app).EditMessage(t.Context(), service.MessageName{ID: id}, service.MessageEdit{Body: text}); err != nil {
				t.Fatal(err)
			}
		}
		s.follow(t)
		one := say("apple one")
		s.finds(t, "apple", "apple one|")
		s.end()

		say("apple two")
		edit(one, "pear one")
		if _, err := s.x.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.find(t, "apple") + s.find(t, "pear"); got != "" {
			t.Errorf("an index that is behind shows %q", got)
		}
		s.follow(t)
		s.finds(t, "apple", "apple two|")
		s.finds(t, "pear", "pear one|")
		s.end()
		if strings.Contains(s.log.String(), "being made") {
			t.Errorf("though the events are kept, it was made anew:\n%s", s.log)
		}

		two := say("apple three")
		edit(two, "plum three")
		for more := true; more; {
			if more, err = s.st.PruneFeed(t.Context(), s.app.ID, time.Now().Add(time.Hour).UnixMilli()); err != nil {
				t.Fatal(err)
			}
		}
		s.follow(t)
		s.finds(t, "plum", "plum three|")
		s.finds(t, "apple", "apple two|")
		s.end()
		if !strings.Contains(s.log.String(), "behind the events that are kept") {
			t.Errorf("it was not made anew:\n%s", s.log)
		}
	})
}
