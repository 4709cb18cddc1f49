package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/internal/chat"
)

// TestJobsUseIndexes asks the same as TestHotPathsUseIndexes of durable work, of which much may be
// due later, and much given up.
func TestJobsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		app := mustApp(t, st)
		fillWithJobs(t, st, app.ID)
		plans := plansOf(t, o, sp)
		for _, path := range slices.Concat(jobPaths(st, app.ID), scheduledPaths(st, fillWithScheduled(t, st, app.ID))) {
			t.Run(path.name, func(t *testing.T) {
				path.look(t, sp, plans)
			})
		}
	})
}

// fillWithJobs makes jobs of ten kinds: most are due in an hour, every fifth now, and every third of
// these is given up.
func fillWithJobs(t *testing.T, st *Store, app chat.AppID) {
	t.Helper()
	for part := range 10 {
		kind := chat.JobKind(fmt.Sprint("kind", part))
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			var list []chat.Job
			for i := range 400 {
				due := tx.Now() + time.Hour.Milliseconds()
				if i%5 == 0 {
					due = 0
				}
				list = append(list, chat.Job{Kind: kind, App: app, DueAt: due})
			}
			_, err := tx.AddJobs(ctx, list)
			return err
		})
		jobs, _, err := st.LeaseJobs(t.Context(), JobLease{Kind: kind, Owner: "n", Limit: 25, For: time.Hour, Attempts: 9})
		if err != nil || len(jobs) != 25 {
			t.Fatalf("%d jobs, %v", len(jobs), err)
		}
		for _, j := range jobs {
			if err := st.BuryJob(t.Context(), j, "it failed"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// fillWithScheduled makes 50 users who have each scheduled a message for 40 rooms, and returns one of them.
func fillWithScheduled(t *testing.T, st *Store, app chat.AppID) (one chat.Scheduled) {
	t.Helper()
	for i := range 50 {
		mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
			u, err := tx.PutUser(ctx, app, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U"})
			for n := 0; n < 40 && err == nil; n++ {
				m := chat.Message{App: app, Sender: u.ID, LocalID: fmt.Sprint(i, " ", n), Body: "x"}
				one, err = tx.Schedule(ctx, chat.Scheduled{App: app, Room: fmt.Sprint("g", n), Message: m, At: tx.Now() + 1000})
			}
			return err
		})
	}
	return one
}

func scheduledPaths(st *Store, one chat.Scheduled) []hotPath {
	owner, ids := one.Message.Sender, []chat.ScheduledID{one.ID}
	return []hotPath{
		{"list what is scheduled", func(ctx context.Context) error {
			list, err := st.Scheduled(ctx, one.App, owner, one.Room)
			if err == nil && len(list) != 1 {
				err = fmt.Errorf("%d messages", len(list))
			}
			return err
		}},
		{"what is scheduled by id", func(ctx context.Context) error { _, err := st.ScheduledByID(ctx, one.App, owner, ids); return err }},
		{"what a job sends", func(ctx context.Context) error {
			_, ok, err := st.ScheduledOfJob(ctx, chat.Job{App: one.App, Subject: int64(one.ID)})
			if !ok {
				err = fmt.Errorf("it is not found: %w", err)
			}
			return err
		}},
		{"schedule, change and send", func(ctx context.Context) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
				if _, _, err := tx.ScheduledByLocalID(ctx, one.App, one.Message.LocalID); err != nil {
					return err
				}
				s := one
				s.Message.LocalID = "new"
				s, err := tx.Schedule(ctx, s)
				if err != nil {
					return err
				}
				if _, err := tx.ScheduledUse(ctx, owner, s.Room); err != nil {
					return err
				}
				if _, err := tx.ScheduledForUpdate(ctx, owner, s.Room, []chat.ScheduledID{s.ID}); err != nil {
					return err
				}
				if s, err = tx.ChangeScheduled(ctx, s, s.At); err != nil {
					return err
				}
				if list, err := tx.DueForUpdate(ctx, owner, s.Room, s.At); err != nil || len(list) != 2 {
					return fmt.Errorf("%d are due: %w", len(list), err)
				}
				return tx.Unschedule(ctx, s)
			})
		}},
		{"delete who has scheduled", func(ctx context.Context) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *Tx) error { return tx.unscheduleAll(ctx, owner) })
		}},
	}
}

func jobPaths(st *Store, app chat.AppID) []hotPath {
	lease := func(ctx context.Context, attempts int) ([]chat.Job, error) {
		jobs, buried, err := st.LeaseJobs(ctx, JobLease{Kind: "kind3", Owner: "n", Limit: 3, For: time.Minute, Attempts: attempts})
		if err == nil && len(jobs)+buried != 3 {
			err = fmt.Errorf("%d jobs were taken, and %d buried", len(jobs), buried)
		}
		return jobs, err
	}
	return []hotPath{
		{"make a job", func(ctx context.Context) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
				id, err := tx.AddJob(ctx, chat.Job{Kind: "kind3", App: app})
				if err != nil {
					return err
				}
				if _, err := tx.JobForUpdate(ctx, id); err != nil {
					return err
				}
				if _, err := tx.MoveJob(ctx, id, tx.Now()); err != nil {
					return err
				}
				_, err = tx.DropJob(ctx, id)
				return err
			})
		}},
		{"the next job", func(ctx context.Context) error { _, _, err := st.NextJob(ctx, "kind3"); return err }},
		{"take jobs and end them", func(ctx context.Context) error {
			jobs, err := lease(ctx, 9)
			if err != nil {
				return err
			}
			if _, err := st.EndJob(ctx, jobs[0]); err != nil {
				return err
			}
			if err := st.GiveBackJob(ctx, jobs[1], 1, "it failed"); err != nil {
				return err
			}
			return st.BuryJob(ctx, jobs[2], "it failed")
		}},
		{"take jobs that are hopeless", func(ctx context.Context) error { _, err := lease(ctx, 0); return err }},
		{"count jobs", func(ctx context.Context) error { _, err := st.JobCounts(ctx, "kind3"); return err }},
		{"forget jobs", func(ctx context.Context) error {
			n, err := st.PruneJobs(ctx, "kind4", time.UnixMilli(5), 20)
			if err == nil && n != 5 {
				err = fmt.Errorf("%d were forgotten", n)
			}
			return err
		}},
		{"a job", func(ctx context.Context) error { _, err := st.Job(ctx, 7); return err }},
	}
}
