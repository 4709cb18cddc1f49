package service_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestBroadcastOverKills: two nodes at the same job at once, one of which loses its lease, and steps that break off
// anywhere: each room has the message once in the end.
func TestBroadcastOverKills(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc, app, _ := withAna(t, st)
		b := svc.Backend(app)
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
		workOverKills(t, st, svc.BroadcastKind())
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

// TestDeletionOverKills: the same for a deletion, which counts each message once and leaves what is sent later.
func TestDeletionOverKills(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc, app, _ := withAna(t, st)
		b := svc.Backend(app)
		for _, xc := range []string{"r0", "r1"} {
			if _, _, err := b.PutRoom(t.Context(), chat.RoomUpdate{XCID: xc, Type: chat.Group, Name: xc}); err != nil {
				t.Fatal(err)
			}
			for range 120 {
				o := service.Outgoing{From: service.UserName{XCID: "ana"}, XCRoomID: xc, Type: chat.TextMessage, Body: "x"}
				if _, err := b.Send(t.Context(), o); err != nil {
					t.Fatal(err)
				}
			}
		}
		d, err := b.DeleteMatching(t.Context(), service.DeletionQuery{From: 1})
		if err != nil {
			t.Fatal(err)
		}
		late := service.Outgoing{From: service.UserName{XCID: "ana"}, XCRoomID: "r0", Type: chat.ImageMessage, Body: "late", Data: "{}"}
		if _, err := b.Send(t.Context(), late); err != nil {
			t.Fatal(err)
		}
		workOverKills(t, st, svc.DeletionKind())
		if d, err = b.Deletion(t.Context(), d.ID); err != nil || d.FinishedAt == 0 || d.Deleted != 240 || d.Looked != 242 {
			t.Errorf("in the end it is %+v, %v", d, err)
		}
		q := service.MessageQuery{MessageFilter: chat.MessageFilter{Types: []chat.MessageType{chat.ImageMessage}}}
		list, _, err := b.Messages(t.Context(), service.RoomName{XCID: "r0"}, q, "", 100)
		if err != nil || len(list) != 1 || list[0].Deleted() {
			t.Errorf("what was sent later is %+v, %v", list, err)
		}
		for _, xc := range []string{"r0", "r1"} {
			q := service.MessageQuery{MessageFilter: chat.MessageFilter{Types: []chat.MessageType{chat.TextMessage}}}
			list, _, err := b.Messages(t.Context(), service.RoomName{XCID: xc}, q, "", 100)
			if err != nil || len(list) != 100 || slices.ContainsFunc(list, func(v chat.MessageView) bool { return !v.Deleted() }) {
				t.Errorf("%s has %d messages, %v", xc, len(list), err)
			}
		}
	})
}

// TestManyUnderWay: an App has no more than so much under way, and repeats what is without a new one.
func TestManyUnderWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc, app, _ := withAna(t, st)
		b := svc.Backend(app)
		rooms := []chat.BroadcastRoom{{Room: "r", XC: true}}
		for name, begin := range map[string]func(localID string) error{
			"broadcasts": func(localID string) error {
				o := service.Outgoing{From: service.UserName{XCID: "ana"}, Type: chat.TextMessage, Body: "x", LocalID: localID}
				_, err := b.Broadcast(t.Context(), o, rooms)
				return err
			},
			"deletions": func(localID string) error {
				_, err := b.DeleteMatching(t.Context(), service.DeletionQuery{From: 1, LocalID: localID})
				return err
			},
		} {
			const known = "known_before_0123456789abcdef"
			if err := begin(known); err != nil {
				t.Fatal(err)
			}
			for range 99 {
				if err := begin(""); err != nil {
					t.Fatal(err)
				}
			}
			if err := begin(""); chat.CodeOf(err) != chat.CodeForbidden {
				t.Errorf("more %s: %v", name, err)
			}
			if err := begin(known); err != nil {
				t.Errorf("%s again: %v", name, err)
			}
		}
	})
}

// workOverKills does jobs of a kind until there are none, each by two at once, one of which is cut off.
func workOverKills(t *testing.T, st *store.Store, kind job.Kind) {
	t.Helper()
	for step := 0; ; step++ {
		jobs := leased(t, st, kind.Name)
		if len(jobs) == 0 {
			return
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
