package store

import (
	"context"
	"hash/fnv"
	"strings"
	"time"
	"unicode"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// jobDue is what those who work on jobs are told of one.
type jobDue struct {
	kind chat.JobKind
	at   int64
}

// FollowJobs has f learn, after the commit, of each job that is to be done, and when (Unix ms).
// f must not block. It is to be called once, before anything is written that f should learn of.
func (s *Store) FollowJobs(f func(kind chat.JobKind, dueAt int64)) { s.followJobs.Store(&f) }

// tellOfJobs wakes whoever works on what a commit has made due.
func (s *Store) tellOfJobs(writes []*write) {
	f := s.followJobs.Load()
	if f == nil {
		return
	}
	for _, w := range writes {
		for _, j := range w.tx.jobs {
			(*f)(j.kind, j.at)
		}
	}
}

const insertJob = `INSERT INTO jobs (kind, app_id, subject, payload, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $6)`

// AddJob stores work to be done once the transaction is committed, and not before DueAt (0 for
// at once), and returns its id. Of j it takes what the job is; the rest is the store's.
func (tx *Tx) AddJob(ctx context.Context, j chat.Job) (chat.JobID, error) {
	ids, err := tx.AddJobs(ctx, []chat.Job{j})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// AddJobs is AddJob for many, in one round trip.
func (tx *Tx) AddJobs(ctx context.Context, list []chat.Job) ([]chat.JobID, error) {
	now := tx.store.nowMS()
	ids := make([]chat.JobID, len(list))
	statements := make([]engine.Statement, len(list))
	for i, j := range list {
		if len(j.Payload) > chat.MaxJobPayload {
			return nil, chat.Errorf(chat.CodeTooLarge, "A job carries at most %d bytes", chat.MaxJobPayload)
		}
		due := max(j.DueAt, now)
		statements[i] = engine.Statement{
			Query: insertJob + ` RETURNING id`,
			Args:  []any{string(j.Kind), j.App, j.Subject, j.Payload, now, due},
			Scan:  func(r engine.Row) error { return r.Scan(&ids[i]) },
		}
		tx.jobs = append(tx.jobs, jobDue{j.Kind, due})
	}
	return ids, tx.conn.Pipeline(ctx, statements)
}

// MoveJob has a job done at another time (Unix ms) than it was to be, also one that was given up,
// as if it were new. Whoever is at work on it can no longer end it. ok is false when it is gone.
func (tx *Tx) MoveJob(ctx context.Context, id chat.JobID, due int64) (ok bool, err error) {
	var kind chat.JobKind
	err = tx.conn.Row(ctx, `UPDATE jobs SET due_at = $2, owner = '', lease = lease + 1, attempts = 0, last_error = '', dead_at = 0
		WHERE id = $1 RETURNING kind`, id, due).Scan(&kind)
	if err != nil {
		return false, ignoreNoRows(err)
	}
	tx.jobs = append(tx.jobs, jobDue{kind, due})
	return true, nil
}

// DropJob has a job not be done. Whoever is at work on it can no longer end it. ok is false when
// it is gone already.
func (tx *Tx) DropJob(ctx context.Context, id chat.JobID) (ok bool, err error) {
	n, err := tx.conn.Exec(ctx, `DELETE FROM jobs WHERE id = $1`, id)
	return n > 0, err
}

// EndJob forgets a job that is done by the transaction. ok is false where its lease was lost:
// somebody else has done it, or is to do it at another time. Then the transaction must do nothing.
func (tx *Tx) EndJob(ctx context.Context, j chat.Job) (ok bool, err error) {
	n, err := tx.conn.Exec(ctx, `DELETE FROM jobs WHERE id = $1 AND lease = $2`, j.ID, j.Lease)
	return n > 0, err
}

// JobLease says which jobs are taken, by whom, and how.
type JobLease struct {
	Kind     chat.JobKind
	Owner    string
	Limit    int           // of jobs
	For      time.Duration // after which others may take them
	Attempts int           // one that was taken as often, and never given back, is given up
}

// LeaseJobs takes jobs that are due, the earliest first. They are the caller's until the lease
// ends; then somebody else may take them, and the caller can no longer end them. One that ended
// neither way the last time it was allowed to, as one that kills its process would, is given up
// and counted in buried.
func (s *Store) LeaseJobs(ctx context.Context, l JobLease) (jobs []chat.Job, buried int, err error) {
	now := s.nowMS()
	err = s.Write(ctx, shardOfKind(l.Kind), func(ctx context.Context, tx *Tx) error {
		jobs, buried = nil, 0
		var taken, dead []int64
		err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
			j, err := scanJob(r)
			switch {
			case err != nil:
				return err
			case j.Attempts >= l.Attempts:
				dead = append(dead, int64(j.ID))
				return nil
			}
			taken = append(taken, int64(j.ID))
			j.DueAt, j.Owner = now+l.For.Milliseconds(), l.Owner
			j.Lease++
			j.Attempts++
			jobs = append(jobs, j)
			return nil
		}, selectJobs+`WHERE j.kind = $1 AND j.dead_at = 0 AND j.due_at <= $2
			ORDER BY j.due_at, j.id LIMIT $3`+s.eng.SkipLocked("j"), string(l.Kind), now, l.Limit)
		if err == nil && len(taken) > 0 {
			_, err = tx.conn.Exec(ctx, `UPDATE jobs SET due_at = $2, owner = $3, lease = lease + 1, attempts = attempts + 1
				WHERE `+s.eng.IDInList("id", "$1"), s.eng.IDListArg(taken), now+l.For.Milliseconds(), l.Owner)
		}
		if err == nil && len(dead) > 0 {
			buried = len(dead)
			_, err = tx.conn.Exec(ctx, `UPDATE jobs SET dead_at = $2, owner = '', lease = lease + 1,
					last_error = CASE WHEN last_error = '' THEN 'it was begun, and never ended' ELSE last_error END
				WHERE `+s.eng.IDInList("id", "$1"), s.eng.IDListArg(dead), now)
		}
		return err
	})
	return jobs, buried, err
}

// NextJob says when the next job of a kind is due (Unix ms), or the next lease over. ok is false
// when there is none.
func (s *Store) NextJob(ctx context.Context, kind chat.JobKind) (dueAt int64, ok bool, err error) {
	err = s.eng.Row(ctx, `SELECT j.due_at FROM jobs j WHERE j.kind = $1 AND j.dead_at = 0 ORDER BY j.due_at LIMIT 1`,
		string(kind)).Scan(&dueAt)
	return dueAt, err == nil, s.explain(ignoreNoRows(err))
}

// EndJob forgets a job that is done. ok is false where its lease was lost.
func (s *Store) EndJob(ctx context.Context, j chat.Job) (ok bool, err error) {
	err = s.Write(ctx, int64(j.ID), func(ctx context.Context, tx *Tx) (err error) {
		ok, err = tx.EndJob(ctx, j)
		return err
	})
	return ok && err == nil, err
}

// GiveBackJob ends the lease of a job, which is due again at a time (Unix ms). Where it was not
// tried, reason is "", and the attempt does not count.
func (s *Store) GiveBackJob(ctx context.Context, j chat.Job, due int64, reason string) error {
	return s.Write(ctx, int64(j.ID), func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `UPDATE jobs SET due_at = $3, owner = '', lease = lease + 1,
				attempts = CASE WHEN $4 = '' THEN attempts - 1 ELSE attempts END,
				last_error = CASE WHEN $4 = '' THEN last_error ELSE $4 END
			WHERE id = $1 AND lease = $2`, j.ID, j.Lease, due, cutError(reason))
		if n > 0 {
			tx.jobs = append(tx.jobs, jobDue{j.Kind, due})
		}
		return err
	})
}

// BuryJob gives a job up. It is kept for an operator to look at.
func (s *Store) BuryJob(ctx context.Context, j chat.Job, reason string) error {
	return s.Write(ctx, int64(j.ID), func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE jobs SET dead_at = $3, owner = '', lease = lease + 1, last_error = $4
			WHERE id = $1 AND lease = $2`, j.ID, j.Lease, s.nowMS(), cutError(reason))
		return err
	})
}

// ReleaseJobs ends the leases of a process that has died, where there can be no other.
func (s *Store) ReleaseJobs(ctx context.Context, kind chat.JobKind, longest time.Duration) error {
	if !s.eng.SoleWriter() {
		return nil // they end by themselves
	}
	now := s.nowMS()
	latest := now + longest.Milliseconds()
	var any bool // mostly there are none, and a start has better things to write
	err := s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM jobs j WHERE j.kind = $1 AND j.dead_at = 0 AND j.due_at <= $2 AND j.owner <> '')`,
		string(kind), latest).Scan(&any)
	if err != nil || !any {
		return s.explain(err)
	}
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE jobs SET due_at = $2, owner = '', lease = lease + 1
			WHERE kind = $1 AND dead_at = 0 AND due_at <= $3 AND owner <> ''`, string(kind), now, latest)
		return err
	})
}

// cutError makes one line of a failure, and bounds it.
func cutError(reason string) string {
	reason = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, reason)
	return strings.ToValidUTF8(reason[:min(len(reason), chat.MaxJobError)], "")
}

// shardOfKind lets workers of different kinds take jobs beside each other.
func shardOfKind(kind chat.JobKind) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind)) // a hash's Write never fails
	return int64(h.Sum64() >> 1)
}

const selectJobs = `SELECT j.id, j.kind, j.app_id, j.subject, j.payload, j.created_at, j.due_at, j.owner, j.lease,
	j.attempts, j.last_error, j.dead_at FROM jobs j `

func scanJob(r engine.Row) (j chat.Job, err error) {
	err = r.Scan(&j.ID, &j.Kind, &j.App, &j.Subject, &j.Payload, &j.CreatedAt, &j.DueAt, &j.Owner, &j.Lease,
		&j.Attempts, &j.LastError, &j.DeadAt)
	return j, err
}
