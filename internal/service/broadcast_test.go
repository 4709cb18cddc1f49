package service_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestBroadcastOverKills: two nodes at the same job at once, one of which loses its lease, and steps that break off
// anywhere: each room has the message once in the end.
func TestBroadcastOverKills(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc := service.New(st, powertalk.Dialect{}, service.Options{})
		app, err := svc.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		b := svc.Backend(app)
		if _, err := b.PutUser(t.Context(), chat.UserUpdate{XCID: "ana", Fullname: "Ana"}); err != nil {
			t.Fatal(err)
		}
		var ups []chat.RoomUpdate
		var rooms []chat.BroadcastRoom
		for i := range 60 {
			xc := fmt.Sprint("r", i)
			ups = append(ups, chat.RoomUpdate{XCID: xc, Type: chat.Group, Name: xc})
			rooms = append(rooms, chat.BroadcastRoom{Room: xc, XC: true})
		}
		if _, err := b.PutRooms(t.Context(), ups); err != nil {
			t.Fatal(err)
		}
		c, err := b.Broadcast(t.Context(), service.Outgoing{
			From: service.UserName{XCID: "ana"}, Type: chat.TextMessage, Body: "to all",
		}, rooms)
		if err != nil {
			t.Fatal(err)
		}
		kind := svc.BroadcastKind()
		for step := 0; ; step++ {
			jobs := leased(t, st, kind.Name)
			if len(jobs) == 0 {
				break
			}
			cut, cancel := context.WithTimeout(t.Context(), time.Duration(step)*3*time.Millisecond)
			var both sync.WaitGroup
			for _, ctx := range []context.Context{cut, t.Context()} {
				both.Go(func() {
					if err := kind.Do(ctx, jobs[0]); err != nil && cut.Err() == nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			cancel()
		}
		p, err := b.BroadcastStatus(t.Context(), c.ID, chat.BroadcastAny, "", 200)
		if err != nil || p.FinishedAt == 0 || p.Sent != 60 || p.Failed != 0 {
			t.Errorf("in the end it is %+v, %v", p.Broadcast, err)
		}
		for _, r := range rooms {
			q := service.MessageQuery{MessageFilter: chat.MessageFilter{Types: []chat.MessageType{chat.TextMessage}}}
			list, _, err := b.Messages(t.Context(), service.RoomName{XCID: r.Room}, q, "", 10)
			if err != nil || len(list) != 1 || list[0].Body != "to all" {
				t.Errorf("%s has %d messages, %v", r.Room, len(list), err)
			}
		}
	})
}

// leased takes the jobs of a kind that there are, as after the end of whoever had them.
func leased(t *testing.T, st *store.Store, kind chat.JobKind) []chat.Job {
	t.Helper()
	all, err := st.Jobs(t.Context(), store.JobFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(j chat.Job) bool { return j.Kind != kind })
	for _, j := range all {
		err := st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.MoveJob(ctx, j.ID, tx.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	jobs, _, err := st.LeaseJobs(t.Context(), store.JobLease{Kind: kind, Owner: "test", Limit: 100, For: time.Minute, Attempts: 1000})
	if err != nil || len(jobs) != len(all) {
		t.Fatalf("%d of %d jobs are taken: %v", len(jobs), len(all), err)
	}
	return jobs
}
