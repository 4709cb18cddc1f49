package service_test

import (
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

// TestScheduledByDeactivated: what somebody has scheduled is not sent while they are deactivated, and kept with
// the reason.
func TestScheduledByDeactivated(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var ahead atomic.Int64
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		st := storetest.Open(t, o)
		svc := service.New(st, powertalk.Dialect{}, service.Options{Now: o.Now})
		app, err := svc.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ana := signIn(t, svc, app, "ana")
		group, err := ana.CreateGroup(t.Context(), "group", nil)
		if err != nil {
			t.Fatal(err)
		}
		room := group.Room.PublicID()
		if _, err := ana.Schedule(t.Context(), draftIn(room, cipher.NewLocalID(), "later"), inAnHour()); err != nil {
			t.Fatal(err)
		}
		if _, err := svc.Backend(app).SetDeactivated(t.Context(), "ana", true); err != nil {
			t.Fatal(err)
		}
		ahead.Store(int64(2 * time.Hour))
		kind := svc.ScheduledKind()
		jobs, _, err := st.LeaseJobs(t.Context(), store.JobLease{Kind: kind.Name, Owner: "o", Limit: 10, For: time.Minute, Attempts: 9})
		if err != nil || len(jobs) != 1 {
			t.Fatalf("jobs %+v, %v", jobs, err)
		}
		if err := kind.Do(t.Context(), jobs[0]); err != nil {
			t.Fatal(err)
		}
		list, err := ana.Scheduled(t.Context(), room)
		if err != nil || len(list) != 1 || list[0].Failure != "The user is deactivated" {
			t.Errorf("scheduled: %+v, %v", list, err)
		}
		sent, _, err := ana.MessagesBefore(t.Context(), room, 1<<50, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range sent {
			if m.Type != chat.SystemMessage {
				t.Errorf("it was sent: %+v", m)
			}
		}
	})
}
