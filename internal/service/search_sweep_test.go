package service_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// indexed counts what the index has of an App, whether it can be found or not; -1 while it is not open.
func (s *searched) indexed(t *testing.T, app chat.App) int {
	t.Helper()
	if !s.x.Embedded() {
		return len(storetest.Query(t, s.o, fmt.Sprintf(`SELECT message_id FROM message_search WHERE app_id = %d`, app.ID)))
	}
	ids, err := s.x.Sweep(t.Context(), store.SearchSweep{App: app.ID}, 10_000)
	if chat.CodeOf(err) == chat.CodeUnavailable {
		return -1 // it is not open yet
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(ids)
}

// comesTo waits until the index has so many messages of an App.
func (s *searched) comesTo(t *testing.T, app chat.App, want int) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for poll := time.NewTicker(5 * time.Millisecond); ; <-poll.C {
		got := s.indexed(t, app)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the index has %d messages of %s, want %d", got, app.Name, want)
		}
	}
}

// does does what is due of a kind of job.
func (s *searched) does(t *testing.T, kind job.Kind) {
	t.Helper()
	jobs, _, err := s.st.LeaseJobs(t.Context(), store.JobLease{
		Kind: kind.Name, Owner: "a test", Limit: 1, For: time.Minute, Attempts: 1000,
	})
	if err != nil || len(jobs) != 1 {
		t.Fatalf("due are %v, %v", jobs, err)
	}
	if err := kind.Do(t.Context(), jobs[0]); err != nil {
		t.Fatal(err)
	}
}

// inFile reports whether the index's file has a word somewhere.
func (s *searched) inFile(t *testing.T, word string) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(s.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(word)) {
			return true
		}
	}
	return false
}

// TestRemovedMessagesLeaveTheIndex: what retention removes, and what goes with an App, is in the index no longer;
// the words of other rooms and Apps are.
func TestRemovedMessagesLeaveTheIndex(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		s := newSearched(t, o)
		theirs, err := s.svc.CreateApp(t.Context(), "theirs")
		if err != nil {
			t.Fatal(err)
		}
		ana, eve := signIn(t, s.svc, s.app, "ana"), signIn(t, s.svc, theirs, "eve")
		group := func(who service.Member) string {
			t.Helper()
			g, err := who.CreateGroup(t.Context(), "group", nil)
			if err != nil {
				t.Fatal(err)
			}
			return g.Room.PublicID()
		}
		say := func(who service.Member, room, text string) {
			t.Helper()
			if _, _, err := who.Send(t.Context(), draftIn(room, cipher.NewLocalID(), text)); err != nil {
				t.Fatal(err)
			}
		}
		room, other, foreign := group(ana), group(ana), group(eve)
		const old = 230 // more than are looked at at a time
		for i := range old {
			say(ana, room, fmt.Sprint("apple old ", i))
		}
		s.now.Add((5 * 24 * time.Hour).Milliseconds())
		say(ana, room, "apple new")
		say(ana, other, "apple other")
		for i := range 3 {
			say(eve, foreign, fmt.Sprint("apple zebra", i))
		}
		s.follow(t)
		s.comesTo(t, s.app, old+2)
		s.comesTo(t, theirs, 3)
		s.end()

		if _, err := s.svc.Backend(s.app).SetRetention(t.Context(), "", 3); err != nil {
			t.Fatal(err)
		}
		s.now.Add((chat.RetentionGrace + time.Minute).Milliseconds())
		s.does(t, s.svc.RetentionKind())
		s.follow(t)
		s.comesTo(t, s.app, 2)
		s.comesTo(t, theirs, 3)
		s.finds(t, "apple", "apple other|apple new|")
		if s.x.Embedded() && !s.inFile(t, "zebra") {
			t.Fatal("words are not in the file as they are; this test shows nothing")
		}

		if err := s.st.DeleteApp(t.Context(), theirs); err != nil {
			t.Fatal(err)
		}
		s.does(t, s.svc.DeleteAppKind())
		s.comesTo(t, theirs, 0)
		deadline := time.Now().Add(20 * time.Second)
		for poll := time.NewTicker(5 * time.Millisecond); ; <-poll.C {
			places, err := s.x.Places(t.Context())
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("places: %v, %v", places, err)
			}
			if _, ok := places[theirs.ID]; !ok {
				break
			}
		}
		if s.x.Embedded() && s.inFile(t, "zebra") {
			t.Error("words of the App are left in the file")
		}
		s.finds(t, "apple", "apple other|apple new|")
		s.end()
		s.follow(t)
		say(ana, other, "apple last")
		s.finds(t, "apple", "apple last|apple other|apple new|")
		s.comesTo(t, s.app, 3)
		s.end()
		if strings.Contains(s.log.String(), "being made") {
			t.Errorf("since an App is gone, the index was made anew:\n%s", s.log)
		}
	})
}
