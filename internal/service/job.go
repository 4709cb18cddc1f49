package service

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxJobsListed bounds the jobs of one list.
const MaxJobsListed = 1000

// Jobs lists jobs of all Apps, for operators; see store.JobFilter. Its limit is at most MaxJobsListed.
func (s *Service) Jobs(ctx context.Context, f store.JobFilter) ([]chat.Job, error) {
	if f.Limit < 1 || f.Limit > MaxJobsListed {
		return nil, chat.Invalid("limit", "must be from 1 to %d", MaxJobsListed)
	}
	return s.store.Jobs(ctx, f)
}

// Job finds a job of any App; CodeNotFound when it is done, or never was.
func (s *Service) Job(ctx context.Context, id chat.JobID) (chat.Job, error) {
	return s.store.Job(ctx, id)
}

// RetryJob has a job done at once, also one that was given up, with all its attempts before it. It
// is CodeConflict while somebody is at work on it.
func (s *Service) RetryJob(ctx context.Context, id chat.JobID) error {
	return s.changeJob(ctx, "job retry", id, func(ctx context.Context, tx *store.Tx, _ chat.Job) error {
		_, err := tx.MoveJob(ctx, id, tx.Now())
		return err
	})
}

// DropJob has a job not be done; who waits for what it does is told so. It is CodeConflict while somebody is at
// work on it, and where it erases a user: that is not taken back.
func (s *Service) DropJob(ctx context.Context, id chat.JobID) error {
	return s.changeJob(ctx, "job drop", id, func(ctx context.Context, tx *store.Tx, j chat.Job) error {
		if j.Kind == chat.JobErase {
			return chat.Errorf(chat.CodeConflict, "job %d erases a user, which is to be done to the end; job retry has it done at once", id)
		}
		if err := tx.StopWork(ctx, j); err != nil {
			return err
		}
		_, err := tx.DropJob(ctx, id)
		return err
	})
}

// changeJob does something about a job that nobody is at work on. action is what the audit log
// calls it.
func (s *Service) changeJob(
	ctx context.Context, action string, id chat.JobID, change func(context.Context, *store.Tx, chat.Job) error,
) error {
	by := store.JobOperationBy(ctx, action)
	return s.store.Write(ctx, int64(id), func(ctx context.Context, tx *store.Tx) error {
		j, err := tx.JobForUpdate(ctx, id)
		if err != nil {
			return err
		}
		if j.Owner != "" && j.DueAt > tx.Now() {
			return chat.Errorf(chat.CodeConflict, "job %d is being done by %s, until %s at most",
				id, j.Owner, time.UnixMilli(j.DueAt).UTC().Format(time.RFC3339))
		}
		if err = change(ctx, tx, j); err != nil {
			return err
		}
		return by.On(ctx, tx, j)
	})
}
