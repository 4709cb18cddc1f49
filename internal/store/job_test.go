package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// handClock is a clock that only the test moves.
type handClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// jobModel is what must be in the table, kept by the simplest means.
type jobModel struct {
	jobs  map[chat.JobID]*chat.Job
	held  []chat.Job // as they were leased, whether that lease still counts or not
	limit int        // of attempts
}

// counts reports whether the lease that j was taken with is the one in force.
func (m *jobModel) counts(j chat.Job) bool {
	is := m.jobs[j.ID]
	return is != nil && is.Lease == j.Lease
}

// lease is what LeaseJobs should return, and leave behind.
func (m *jobModel) lease(now int64, limit int, lasts time.Duration) (taken []chat.JobID, buried int) {
	var due []*chat.Job
	for _, j := range m.jobs {
		if j.DeadAt == 0 && j.DueAt <= now {
			due = append(due, j)
		}
	}
	slices.SortFunc(due, func(a, b *chat.Job) int {
		if a.DueAt != b.DueAt {
			return int(a.DueAt - b.DueAt)
		}
		return int(a.ID - b.ID)
	})
	for _, j := range due[:min(limit, len(due))] {
		j.Lease++
		if j.Attempts >= m.limit {
			j.DeadAt, j.Owner = now, ""
			buried++
			continue
		}
		j.Attempts++
		j.DueAt, j.Owner = now+lasts.Milliseconds(), "node"
		taken = append(taken, j.ID)
	}
	return taken, buried
}

// TestJobsAgainstAModel does random things to jobs, those of ended leases included, and compares
// each answer, and what is stored, with a model.
func TestJobsAgainstAModel(t *testing.T) {
	steps := 1500
	if testing.Short() {
		steps = 300
	}
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		clock := &handClock{now: time.UnixMilli(1_700_000_000_000)}
		o.Now = clock.Now
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 1))
		m := &jobModel{jobs: map[chat.JobID]*chat.Job{}, limit: 4}
		for step := range steps {
			m.step(t, st, app.ID, clock, r)
			if step%25 == 0 || step == steps-1 {
				m.compare(t, st, step)
			}
			if t.Failed() {
				t.Fatalf("step %d of seed %d", step, seed)
			}
		}
	})
}

func (m *jobModel) step(t *testing.T, st *store.Store, app chat.AppID, clock *handClock, r *rand.Rand) {
	t.Helper()
	now := clock.Now().UnixMilli()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	switch r.IntN(10) {
	case 0, 1, 2:
		j := chat.Job{Kind: "k", App: app, Subject: r.Int64N(9), Payload: fmt.Sprint(r.IntN(99)), DueAt: now + r.Int64N(9000) - 3000}
		write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
			j.ID, err = tx.AddJob(ctx, j)
			return err
		})
		j.CreatedAt, j.DueAt = now, max(now, j.DueAt)
		m.jobs[j.ID] = &j
	case 3, 4:
		limit := 1 + r.IntN(4)
		got, buried, err := st.LeaseJobs(t.Context(), store.JobLease{
			Kind: "k", Owner: "node", Limit: limit, For: 2 * time.Second, Attempts: m.limit,
		})
		must(err)
		want, wantBuried := m.lease(now, limit, 2*time.Second)
		var ids []chat.JobID
		for _, j := range got {
			ids = append(ids, j.ID)
			if *m.jobs[j.ID] != j {
				t.Errorf("leased %+v, want %+v", j, *m.jobs[j.ID])
			}
		}
		if !slices.Equal(ids, want) || buried != wantBuried {
			t.Errorf("leased %v and buried %d, want %v and %d", ids, buried, want, wantBuried)
		}
		m.held = append(m.held, got...)
	case 5:
		clock.advance(time.Duration(r.Int64N(2500)) * time.Millisecond)
	case 6, 7:
		if len(m.held) > 0 {
			m.endOne(t, st, now, r)
		}
	default:
		m.changeOne(t, st, now, r)
	}
}

// endOne ends a lease in one of the ways there are, which has no effect where it is over.
func (m *jobModel) endOne(t *testing.T, st *store.Store, now int64, r *rand.Rand) {
	t.Helper()
	i := r.IntN(len(m.held))
	j := m.held[i]
	m.held = slices.Delete(m.held, i, i+1)
	is, counts := m.jobs[j.ID], m.counts(j)
	var err error
	switch r.IntN(4) {
	case 0:
		var ok bool
		if ok, err = st.EndJob(t.Context(), j); ok != counts {
			t.Errorf("job %d ended: %v, want %v", j.ID, ok, counts)
		}
		if counts {
			delete(m.jobs, j.ID)
		}
	case 1:
		if err = st.GiveBackJob(t.Context(), j, now+500, "it failed"); counts {
			is.DueAt, is.LastError = now+500, "it failed"
		}
	case 2:
		if err = st.GiveBackJob(t.Context(), j, now, ""); counts {
			is.DueAt = now
			is.Attempts--
		}
	case 3:
		if err = st.BuryJob(t.Context(), j, "it is hopeless"); counts {
			is.DeadAt, is.LastError = now, "it is hopeless"
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if is != nil && counts {
		is.Owner = ""
		is.Lease++
	}
}

// changeOne moves or drops any job, whatever is going on with it.
func (m *jobModel) changeOne(t *testing.T, st *store.Store, now int64, r *rand.Rand) {
	t.Helper()
	id := chat.JobID(1 + r.Int64N(int64(len(m.jobs)+3)))
	is, drop, ok := m.jobs[id], r.IntN(3) == 0, false
	write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
		if drop {
			ok, err = tx.DropJob(ctx, id)
		} else {
			ok, err = tx.MoveJob(ctx, id, now+100)
		}
		return err
	})
	if ok != (is != nil) {
		t.Errorf("job %d was there: %v, want %v", id, ok, is != nil)
	}
	switch {
	case is == nil:
	case drop:
		delete(m.jobs, id)
	default:
		is.DueAt, is.Owner, is.Attempts, is.LastError, is.DeadAt = now+100, "", 0, "", 0
		is.Lease++
	}
}

func (m *jobModel) compare(t *testing.T, st *store.Store, step int) {
	t.Helper()
	found := 0
	next, any := int64(0), false
	for _, dead := range []bool{false, true} {
		list, err := st.Jobs(t.Context(), store.JobFilter{Kind: "k", Dead: dead, Limit: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range list {
			found++
			is := m.jobs[j.ID]
			if is == nil {
				t.Fatalf("step %d: job %d is there, and should not be", step, j.ID)
			}
			// A model without an error of its own takes the one that the store gives who never ended.
			if is.Dead() && is.LastError == "" && j.LastError != "" {
				is.LastError = j.LastError
			}
			if j != *is {
				t.Fatalf("step %d: stored\n%+v, want\n%+v", step, j, *is)
			}
			if !dead && (!any || j.DueAt < next) {
				next, any = j.DueAt, true
			}
		}
	}
	if found != len(m.jobs) {
		t.Fatalf("step %d: %d jobs are stored, want %d", step, found, len(m.jobs))
	}
	got, ok, err := st.NextJob(t.Context(), "k")
	if err != nil || ok != any || got != next {
		t.Fatalf("step %d: the next is due at %d (%v, %v), want %d (%v)", step, got, ok, err, next, any)
	}
}

// TestJobsAreOfTheirCommit: a write that fails leaves no job, and wakes nobody.
func TestJobsAreOfTheirCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		var told []chat.JobKind
		st.FollowJobs(func(kind chat.JobKind, _ int64) { told = append(told, kind) })
		app := makeApp(t, st, "a")
		refused := chat.Errorf(chat.CodeForbidden, "no")
		add := func(kind chat.JobKind, outcome error) {
			t.Helper()
			err := st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
				if _, err := tx.AddJob(ctx, chat.Job{Kind: kind, App: app.ID}); err != nil {
					return err
				}
				return outcome
			})
			wantCode(t, "a write with a job", err, chat.CodeOf(outcome))
		}
		add("refused", refused)
		add("stored", nil)
		if !slices.Equal(told, []chat.JobKind{"stored"}) {
			t.Errorf("told of %v", told)
		}
		list, err := st.Jobs(t.Context(), store.JobFilter{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Kind != "stored" {
			t.Errorf("jobs %+v (%v)", list, err)
		}
		err = st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddJob(ctx, chat.Job{Kind: "large", App: app.ID, Payload: strings.Repeat("x", chat.MaxJobPayload+1)})
			return err
		})
		wantCode(t, "a payload that is too large", err, chat.CodeTooLarge)
	})
}

// TestDeadJobsAreBounded: those of long ago go, and the oldest of too many.
func TestDeadJobsAreBounded(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		clock := &handClock{now: time.UnixMilli(1_700_000_000_000)}
		o.Now = clock.Now
		st := storetest.Open(t, o)
		app := makeApp(t, st, "a")
		for range 6 {
			write(t, st, 0, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.AddJob(ctx, chat.Job{Kind: "k", App: app.ID})
				return err
			})
			jobs, _, err := st.LeaseJobs(t.Context(), store.JobLease{Kind: "k", Owner: "n", Limit: 9, For: time.Minute, Attempts: 1})
			if err != nil || len(jobs) != 1 {
				t.Fatalf("%v, %v", jobs, err)
			}
			if err := st.BuryJob(t.Context(), jobs[0], "over\nand\tout\xff"+strings.Repeat("é", chat.MaxJobError)); err != nil {
				t.Fatal(err)
			}
			clock.advance(time.Hour)
		}
		n, err := st.PruneJobs(t.Context(), "k", clock.Now().Add(-5*time.Hour), 3)
		if err != nil || n != 3 { // one is too old, and two are too many
			t.Errorf("%d were forgotten (%v)", n, err)
		}
		list, err := st.Jobs(t.Context(), store.JobFilter{Dead: true, Limit: 10})
		if err != nil || len(list) != 3 || list[0].ID != 4 {
			t.Fatalf("left: %+v (%v)", list, err)
		}
		if e := list[0].LastError; !strings.HasPrefix(e, "over and out") || len(e) > chat.MaxJobError {
			t.Errorf("last error %q", e)
		}
		if n, err := st.PruneJobs(t.Context(), "k", clock.Now().Add(-5*time.Hour), 3); n != 0 || err != nil {
			t.Errorf("and again %d (%v)", n, err)
		}
		c, err := st.JobCounts(t.Context(), "k")
		if err != nil || c != (store.JobCounts{Dead: 3}) {
			t.Errorf("counts %+v (%v)", c, err)
		}
	})
}

// TestSkipLeased: a node takes other jobs than the one that is just taking some.
func TestSkipLeased(t *testing.T) {
	o := storetest.Postgres(t)
	first, second := storetest.Open(t, o), storetest.Open(t, o)
	app := makeApp(t, first, "a")
	write(t, first, 0, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.AddJobs(ctx, []chat.Job{{Kind: "k", App: app.ID}, {Kind: "k", App: app.ID}})
		return err
	})
	write(t, first, 0, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.JobForUpdate(ctx, 1); err != nil { // as if just being taken
			return err
		}
		jobs, _, err := second.LeaseJobs(ctx, store.JobLease{Kind: "k", Owner: "n", Limit: 9, For: time.Minute, Attempts: 9})
		if err != nil || len(jobs) != 1 || jobs[0].ID != 2 {
			t.Errorf("the other node took %+v (%v)", jobs, err)
		}
		return nil
	})
}
