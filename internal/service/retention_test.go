package service_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// groupOf makes a group of a user's, and returns its public id.
func groupOf(t *testing.T, who service.Member) string {
	t.Helper()
	g, err := who.CreateGroup(t.Context(), "group", nil)
	if err != nil {
		t.Fatal(err)
	}
	return g.Room.PublicID()
}

// told are the events of a kind that an App has.
func (s *searched) told(t *testing.T, kind chat.FeedKind) (list []chat.FeedEvent) {
	t.Helper()
	horizon, err := s.st.Horizon(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.st.FeedEvents(t.Context(), s.app.ID, chat.FeedPlace{}, horizon, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.Kind == kind {
			list = append(list, e)
		}
	}
	return list
}

// TestRetentionRuns shares one store among the tests of it.
func TestRetentionRuns(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		s := newSearched(t, o)
		ana := signIn(t, s.svc, s.app, "ana")
		for _, part := range []struct {
			name string
			test func(*testing.T, *searched, service.Member)
		}{
			{"changed rules break a run off", changedRulesBreakARunOff},
			{"deleting what is just removed", deletingWhatIsJustRemoved},
			{"runs go by the clock as it is", runsGoByTheClockAsItIs},
		} {
			t.Run(part.name, func(t *testing.T) { part.test(t, s, ana) })
		}
		storetest.Audit(t, o)
	})
}

// changedRulesBreakARunOff: what a run has removed of a room in whose middle it ends, since the App's rules change,
// is told, and leaves the index, though no run comes back to the room.
func changedRulesBreakARunOff(t *testing.T, s *searched, ana service.Member) {
	t.Helper()
	room := groupOf(t, ana)
	const old = 230 // several steps
	for i := range old {
		if _, _, err := ana.Send(t.Context(), draftIn(room, cipher.NewLocalID(), fmt.Sprint("apple ", i))); err != nil {
			t.Fatal(err)
		}
	}
	s.follow(t)
	s.comesTo(t, s.app, old)
	s.end()
	b := s.svc.Backend(s.app)
	if _, err := b.SetRetention(t.Context(), "", 3); err != nil {
		t.Fatal(err)
	}
	s.now.Add((5 * 24 * time.Hour).Milliseconds())
	rule := s.brokenOff(t)
	if told := s.told(t, chat.FeedMessageExpired); len(told) != 0 || rule.Run.Messages >= old {
		t.Fatalf("the run was not broken off: %+v, told of %v; this test shows nothing", rule, told)
	}

	if _, err := b.DeleteRetention(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	told := s.told(t, chat.FeedMessageExpired)
	if len(told) != 1 || told[0].Room != rule.AtRoom+1 {
		t.Fatalf("told of %+v by a run that has come to room %d", told, rule.AtRoom)
	}
	left, _, err := ana.MessagesBefore(t.Context(), room, 0, 100)
	if err != nil || left[len(left)-1].CreatedAt <= told[0].Data.Until {
		t.Errorf("what was sent until %d is told to be gone: %v", told[0].Data.Until, err)
	}
	s.follow(t)
	s.comesTo(t, s.app, old+1-int(rule.Run.Messages)) // among which that the room was made, which has no words
	s.end()
}

// brokenOff does what is due of the App's rule, ends it in the middle as the end of its lease would, and returns the rule.
func (s *searched) brokenOff(t *testing.T) (rule chat.RetentionRule) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	kind := s.svc.RetentionKind()
	jobs, _, err := s.st.LeaseJobs(t.Context(), store.JobLease{Kind: kind.Name, Owner: "a test", Limit: 1, For: time.Minute, Attempts: 1000})
	if err != nil || len(jobs) != 1 {
		t.Fatalf("due are %v, %v", jobs, err)
	}
	done := make(chan error, 1)
	go func() { done <- kind.Do(ctx, jobs[0]) }() // ends with ctx
	for poll := time.NewTicker(time.Millisecond); rule.Run.Messages == 0; <-poll.C {
		if rule, err = s.st.RetentionRule(t.Context(), s.app.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-done; err == nil {
		t.Fatal("the run has come to its end; this test shows nothing")
	}
	if rule, err = s.st.RetentionRule(t.Context(), s.app.ID, ""); err != nil {
		t.Fatal(err)
	}
	return rule
}

// runsGoByTheClockAsItIs: a run after the clock was ahead for a while removes nothing that is to be kept.
func runsGoByTheClockAsItIs(t *testing.T, s *searched, ana service.Member) {
	t.Helper()
	room := groupOf(t, ana)
	b := s.svc.Backend(s.app)
	run := func(days int) chat.RetentionRule {
		t.Helper()
		if _, err := b.SetRetention(t.Context(), "", days); err != nil {
			t.Fatal(err)
		}
		s.now.Add((chat.RetentionGrace + time.Minute).Milliseconds())
		s.does(t, s.svc.RetentionKind())
		rule, err := s.st.RetentionRule(t.Context(), s.app.ID, "")
		if err != nil || rule.Running() {
			t.Fatalf("after a run: %+v, %v", rule, err)
		}
		return rule
	}
	const ahead = 10 * 24 * time.Hour
	s.now.Add(ahead.Milliseconds())
	before := run(3)
	s.now.Add(-ahead.Milliseconds())
	for i := range 3 {
		if _, _, err := ana.Send(t.Context(), draftIn(room, cipher.NewLocalID(), fmt.Sprint("apple ", i))); err != nil {
			t.Fatal(err)
		}
	}
	if after := run(4); after.Total != before.Total || after.Until() > s.now.Load()-4*24*time.Hour.Milliseconds() {
		t.Errorf("with the clock set right a run removes what is younger than four days: %+v", after)
	}
}

// deletingWhatIsJustRemoved: a message that is removed while it is about to be deleted keeps none of the others.
func deletingWhatIsJustRemoved(t *testing.T, s *searched, ana service.Member) {
	t.Helper()
	room := groupOf(t, ana)
	var ids []chat.MessageID
	var in chat.RoomID
	for i := range 2 {
		m, _, err := ana.Send(t.Context(), draftIn(room, cipher.NewLocalID(), fmt.Sprint("apple ", i)))
		if err != nil {
			t.Fatal(err)
		}
		ids, in = append(ids, m.ID), m.Room
		s.now.Add(1000)
	}
	err := s.st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
		if _, _, err := tx.RoomForUpdateFor(ctx, s.app.ID, in, 0); err != nil {
			return err
		}
		_, err := tx.ExpireMessages(ctx, s.app.ID, in, s.now.Load()-1500, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	deleted, err := s.svc.Backend(s.app).DeleteIn(t.Context(), in, ids)
	if err != nil || !slices.Equal(deleted, ids[1:]) {
		t.Errorf("deleted are %v of %v, %v", deleted, ids, err)
	}
}
