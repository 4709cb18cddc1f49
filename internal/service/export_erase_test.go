package service_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/file"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// putting does something before content is stored.
type putting struct {
	file.Objects
	before func()
}

func (p putting) Put(ctx context.Context, key string, s *file.Spool) error {
	p.before()
	return p.Objects.Put(ctx, key, s)
}

// TestEraseStopsExport: of a user who is erased no archive comes into being, whether it was not begun yet or was
// about to be stored.
func TestEraseStopsExport(t *testing.T) {
	for name, early := range map[string]bool{"before it is begun": true, "when it is stored": false} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				objects, spools, err := file.OpenFolder(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				var b service.Backend
				erase := func() {
					if _, err := b.EraseUser(t.Context(), "ana"); err != nil {
						t.Error(err)
					}
				}
				hooked := putting{objects, func() {
					if early {
						t.Error("there is an archive")
					} else {
						erase()
					}
				}}
				svc := service.New(st, powertalk.Dialect{}, service.Options{Files: service.Files{Objects: hooked, Spools: spools}})
				app, err := svc.CreateApp(t.Context(), "a")
				if err != nil {
					t.Fatal(err)
				}
				b = svc.Backend(app)
				if _, err := b.PutUser(t.Context(), chat.UserUpdate{XCID: "ana", Fullname: "Ana"}); err != nil {
					t.Fatal(err)
				}
				e, err := b.ExportUser(t.Context(), "ana")
				if err != nil {
					t.Fatal(err)
				}
				if early {
					erase()
				}
				kind := svc.ExportKind()
				jobs, _, err := st.LeaseJobs(t.Context(), store.JobLease{Kind: kind.Name, Owner: "x", Limit: 1, For: time.Hour, Attempts: 2})
				if err != nil || len(jobs) != 1 {
					t.Fatalf("jobs: %+v, %v", jobs, err)
				}
				if err := kind.Do(t.Context(), jobs[0]); err != nil {
					t.Fatal(err)
				}
				if _, err := st.Job(t.Context(), jobs[0].ID); chat.CodeOf(err) != chat.CodeNotFound {
					t.Errorf("the job is still there: %v", err)
				}
				if e, _, err = b.Export(t.Context(), e.ID); err != nil || !e.Stopped() {
					t.Errorf("the export is %+v, %v", e, err)
				}
				if any, err := st.AnyFiles(t.Context()); err != nil || any {
					t.Errorf("there are files: %v, %v", any, err)
				}
				err = objects.List(t.Context(), func(o file.Object) error { return errors.New(o.Key + " is still there") })
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
}
