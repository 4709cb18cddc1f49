package bench

import (
	"context"
	"fmt"
)

// raw is the database of a ceiling. A server made it and filled it, so its rows are a
// server's to begin with; from then on nobody but the ceiling writes to it.
type raw struct {
	lanes  []lane
	how    string // the lanes commit, for the report
	atOnce bool   // a message is one statement: to PostgreSQL, each is a round trip

	app, systemUser int64
}

// openRaw opens the database that a server has left. It is closed with the rig.
func (g *rig) openRaw(ctx context.Context, db database) (*raw, error) {
	lanes, closeLanes, how, err := openLanes(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("open the raw database: %w", err)
	}
	g.closers = append(g.closers, closeLanes)
	r := &raw{lanes: lanes, how: how, atOnce: db.dsn != ""}
	err = r.do(ctx, write{{query: "SELECT id, system_user_id FROM apps", dest: []any{&r.app, &r.systemUser}}})
	if err != nil {
		return nil, fmt.Errorf("the raw database's app: %w", err)
	}
	return r, nil
}

func openLanes(ctx context.Context, db database) (lanes []lane, closeAll func() error, how string, err error) {
	if db.dsn != "" {
		return openPostgresLanes(ctx, db.dsn)
	}
	return openSQLiteLane(ctx, db.file())
}

// do commits writes together.
func (r *raw) do(ctx context.Context, writes ...write) error { return r.lanes[0].commit(ctx, writes) }

// What customers' ids stand for.
const (
	rawRoomID = "SELECT id FROM rooms WHERE app_id = $1 AND xc_room_id = $2"
	rawUserID = "SELECT id FROM users WHERE app_id = $1 AND xc_user_id = $2"
)

// ids looks up the ids of n things by those that the customer has given them.
func (r *raw) ids(ctx context.Context, query string, n int, xc func(i int) string) ([]int64, error) {
	ids, reads := make([]int64, n), make([]write, n)
	for i := range ids {
		reads[i] = write{{query, func() []any { return []any{r.app, xc(i)} }, []any{&ids[i]}}}
	}
	if err := r.do(ctx, reads...); err != nil {
		return nil, fmt.Errorf("look up what the ceiling writes to: %w", err)
	}
	return ids, nil
}

// rawCommits is a ceiling of durable calls: workers that hand over what their own next
// makes, to the lane that next names (a room's writes must meet in one).
type rawCommits struct {
	name, what string
	workers    int
	next       func(worker int) func() (shard int, w write)
}

// load starts the group commit, which ends with the rig.
func (r *raw) load(ctx context.Context, g *rig, commits rawCommits) load {
	c := startCommitter(ctx, r.lanes)
	g.closers = append(g.closers, func() error {
		c.stop()
		return nil
	})
	return load{
		name: commits.name, what: commits.what + "; " + r.how, workers: commits.workers,
		cpu: func(context.Context) (float64, error) { return ownCPU() },
		open: func(_ context.Context, worker int) (func() error, func(), error) {
			next, done := commits.next(worker), make(chan error, 1)
			do := func() error {
				shard, w := next()
				c.queues[shard%len(c.queues)] <- pending{w, done}
				return <-done
			}
			return do, func() {}, nil
		},
	}
}
