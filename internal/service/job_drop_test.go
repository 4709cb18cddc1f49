package service_test

import (
	"context"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestDropJob drops jobs in the middle of what they do: whoever waits for it reads that it has stopped, and makes
// another. Only an erasure goes on.
func TestDropJob(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc, app, ana := withAna(t, st)
		b := svc.Backend(app)
		if _, _, err := b.PutRoom(t.Context(), chat.RoomUpdate{XCID: "r", Type: chat.Group, Name: "r"}); err != nil {
			t.Fatal(err)
		}
		text := service.Outgoing{From: service.UserName{XCID: "ana"}, Type: chat.TextMessage, Body: "to all"}
		c, err := b.Broadcast(t.Context(), text, []chat.BroadcastRoom{{Room: "r", XC: true}})
		if err != nil {
			t.Fatal(err)
		}
		d, err := b.DeleteMatching(t.Context(), service.DeletionQuery{From: 1})
		if err != nil {
			t.Fatal(err)
		}
		var e chat.Export
		err = st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) (err error) {
			e, err = tx.AddExport(ctx, app.ID, ana.ID) // the service here keeps no files
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.PutUser(t.Context(), chat.UserUpdate{XCID: "bo", Fullname: "Bo"}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.EraseUser(t.Context(), "bo"); err != nil {
			t.Fatal(err)
		}
		jobs, err := svc.Jobs(t.Context(), store.JobFilter{Limit: 10})
		if err != nil || len(jobs) != 4 {
			t.Fatalf("jobs: %+v, %v", jobs, err)
		}
		for _, j := range jobs {
			err := svc.DropJob(t.Context(), j.ID)
			if refused := chat.CodeOf(err) == chat.CodeConflict; refused != (j.Kind == chat.JobErase) {
				t.Errorf("dropping a job of kind %s: %v", j.Kind, err)
			}
			if err != nil && !strings.Contains(err.Error(), "job retry") {
				t.Errorf("%v does not say what to do", err)
			}
		}
		p, err := b.BroadcastStatus(t.Context(), c.ID, chat.BroadcastAny, "", 1)
		if err != nil || !p.Stopped || p.FinishedAt == 0 || p.Sent != 0 {
			t.Errorf("the broadcast is %+v, %v", p.Broadcast, err)
		}
		if d, err = b.Deletion(t.Context(), d.ID); err != nil || !d.Stopped || d.FinishedAt == 0 {
			t.Errorf("the deletion is %+v, %v", d, err)
		}
		if e, _, err = b.Export(t.Context(), e.ID); err != nil || !e.Stopped() {
			t.Errorf("the export is %+v, %v", e, err)
		}
	})
}
