package store

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// JobFilter says which jobs are listed.
type JobFilter struct {
	Kind  chat.JobKind // "" for all
	Dead  bool         // those that were given up; otherwise those that are to be done
	After chat.JobID   // in the order of their ids
	Limit int
}

// Jobs lists jobs of all Apps by their ids.
func (s *Store) Jobs(ctx context.Context, f JobFilter) (list []chat.Job, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		j, err := scanJob(r)
		list = append(list, j)
		return err
	}, selectJobs+`WHERE j.id > $1 AND (j.dead_at > 0) = $2 AND ($3 = '' OR j.kind = $3) ORDER BY j.id LIMIT $4`,
		f.After, f.Dead, string(f.Kind), f.Limit)
	return list, s.explain(err)
}

// Job finds a job of any App; CodeNotFound when it is done, or never was.
func (s *Store) Job(ctx context.Context, id chat.JobID) (chat.Job, error) {
	j, err := foundJob(id, s.eng.Row(ctx, selectJobs+`WHERE j.id = $1`, id))
	return j, s.explain(err)
}

// JobForUpdate is Job for one that is about to be changed.
func (tx *Tx) JobForUpdate(ctx context.Context, id chat.JobID) (chat.Job, error) {
	return foundJob(id, tx.conn.Row(ctx, selectJobs+`WHERE j.id = $1`+tx.store.eng.ForUpdate("j"), id))
}

// StopWork notes, of what a job works off step by step, that the rest is not going to be done.
func (tx *Tx) StopWork(ctx context.Context, j chat.Job) error {
	var query string
	switch j.Kind {
	case chat.JobBroadcast:
		query = `UPDATE broadcasts SET finished_at = $3, is_stopped = TRUE WHERE app_id = $1 AND id = $2 AND finished_at = 0`
	case chat.JobDeletion:
		query = `UPDATE deletions SET finished_at = $3, is_stopped = TRUE WHERE app_id = $1 AND id = $2 AND finished_at = 0`
	case chat.JobExport:
		query = `UPDATE exports SET finished_at = $3 WHERE app_id = $1 AND id = $2 AND finished_at = 0`
	default:
		return nil
	}
	_, err := tx.conn.Exec(ctx, query, j.App, j.Payload, max(tx.Now(), 1))
	return err
}

func foundJob(id chat.JobID, r engine.Row) (chat.Job, error) {
	j, err := scanJob(r)
	if engine.NoRows(err) {
		err = chat.Errorf(chat.CodeNotFound, "there is no job %d; it may be done", id)
	}
	return j, err
}

// PruneJobs forgets jobs of a kind that were given up before a time, and those beyond the newest
// keep, some at a time. It says how many.
func (s *Store) PruneJobs(ctx context.Context, kind chat.JobKind, before time.Time, keep int) (n int64, err error) {
	const most = 1000 // so that the writer is not held for long
	var found bool
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM jobs WHERE kind = $1 AND dead_at > 0 AND dead_at < $2)
			OR EXISTS (SELECT 1 FROM jobs WHERE kind = $1 AND dead_at > 0 ORDER BY dead_at DESC, id DESC LIMIT 1 OFFSET $3)`,
		string(kind), before.UnixMilli(), keep).Scan(&found)
	if err != nil || !found {
		return 0, s.explain(err)
	}
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n = 0
		for _, list := range []struct {
			query string
			args  []any
		}{
			{
				`SELECT j.id FROM jobs j WHERE j.kind = $1 AND j.dead_at > 0 AND j.dead_at < $2 ORDER BY j.dead_at, j.id LIMIT $3`,
				[]any{string(kind), before.UnixMilli(), most},
			},
			{
				`SELECT j.id FROM jobs j WHERE j.kind = $1 AND j.dead_at > 0 ORDER BY j.dead_at DESC, j.id DESC LIMIT $3 OFFSET $2`,
				[]any{string(kind), keep, most},
			},
		} {
			gone, err := tx.conn.Exec(ctx, `DELETE FROM jobs WHERE id IN (`+list.query+`)`, list.args...)
			if err != nil {
				return err
			}
			n += gone
		}
		return nil
	})
	return n, err
}

// MaxJobsCounted is where JobCounts ends to count: beyond, it is that many.
const MaxJobsCounted = 10_000

// JobCounts is how much there is to do of a kind.
type JobCounts struct {
	Due    int           // and taken by nobody; at most MaxJobsCounted
	Oldest time.Duration // how long the earliest of them has been due
	Dead   int           // that were given up and are kept; at most MaxJobsCounted
}

// JobCounts counts what is due of a kind, and what was given up.
func (s *Store) JobCounts(ctx context.Context, kind chat.JobKind) (c JobCounts, err error) {
	now := s.nowMS()
	var first int64
	err = s.eng.Row(ctx, `SELECT COUNT(*), COALESCE(MIN(d.due_at), $2) FROM (
			SELECT j.due_at FROM jobs j WHERE j.kind = $1 AND j.dead_at = 0 AND j.due_at <= $2
			ORDER BY j.due_at LIMIT $3) d`, string(kind), now, MaxJobsCounted).Scan(&c.Due, &first)
	c.Oldest = time.Duration(now-first) * time.Millisecond
	if err == nil {
		err = s.eng.Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM jobs j WHERE j.dead_at > 0 AND j.kind = $1 LIMIT $2) d`,
			string(kind), MaxJobsCounted).Scan(&c.Dead)
	}
	return c, s.explain(err)
}
