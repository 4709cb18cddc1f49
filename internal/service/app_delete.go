package service

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

const (
	// appDeleteStep bounds the rows that one transaction takes away, and appDeletePause is the time before the
	// next: so others' writes come between them.
	appDeleteStep  = 100
	appDeletePause = 20 * time.Millisecond
	// appDeleteLease is how long a node is at one App before it gives it back, done or not, and how long one waits
	// whose node was killed.
	appDeleteLease = 15 * time.Second
	// appSettles is how long after its end an App may still be written to: by calls that were under way, for the
	// longest of which this is far more.
	appSettles = 2 * time.Minute
	// lastRowsKept is how often it is looked whether an App's last rows can go.
	lastRowsKept = time.Hour
)

// RenameApp gives an App another name, by which operators and commands know it. One that is taken is CodeConflict. The
// App that servers look for at their start keeps its name.
func (s *Service) RenameApp(ctx context.Context, app chat.App, name string) error {
	if app.Name == chat.DefaultApp {
		return chat.Errorf(chat.CodeForbidden, "the app %q keeps its name, since each start looks for it; give it another title", app.Name)
	}
	if err := chat.ValidateAppName(name); err != nil {
		return err
	}
	return s.store.RenameApp(ctx, app, name)
}

// DeleteApp ends an App, and returns once no server lets anybody in any more. Its sessions end when the job begins,
// which takes away what there is of it: where servers run, within seconds.
func (s *Service) DeleteApp(ctx context.Context, app chat.App) error {
	if err := s.store.DeleteApp(ctx, app); err != nil {
		return err
	}
	return keysSettled(ctx)
}

// AppDeletions lists the Apps that are being deleted or, where all is set, that ever were.
func (s *Service) AppDeletions(ctx context.Context, all bool) ([]chat.AppDeletion, error) {
	return s.store.AppDeletions(ctx, all)
}

// DeleteAppKind is what is done about Apps that were deleted.
func (s *Service) DeleteAppKind() job.Kind {
	return job.Kind{
		Name: chat.JobDeleteApp, Do: s.deleteApp, EndsItself: true, AtOnce: 1, Lease: appDeleteLease, Attempts: 1 << 20,
	}
}

// deleteApp takes away what is left of an App. Each of its steps is a transaction, which also counts what it took: so
// it goes on where a killed process was. It begins at the front each time, where nothing is left then.
func (s *Service) deleteApp(ctx context.Context, j chat.Job) error {
	w := appRemover{&s.core, j, s.now()}
	return inParts(ctx, w.end, w.jobs, w.files, w.rows, w.finish)
}

// appRemover takes one App away.
type appRemover struct {
	*core
	job   chat.Job
	begun time.Time
}

// repeat does steps until one has found nothing more to do, with pauses between them.
func (w appRemover) repeat(ctx context.Context, do func(context.Context, *store.Tx) (done bool, err error)) error {
	for {
		var done bool
		err := w.store.Write(ctx, shardOf(w.job.App, "delete", ""), func(ctx context.Context, tx *store.Tx) (err error) {
			done, err = do(ctx, tx)
			return err
		})
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(appDeletePause):
		}
	}
}

// end has the App's sessions closed.
func (w appRemover) end(ctx context.Context) error {
	return w.repeat(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) { return true, tx.EndApp(ctx, w.job.App) })
}

// jobs has nothing else be done for the App.
func (w appRemover) jobs(ctx context.Context) error {
	for {
		ids, err := w.store.OtherJobs(ctx, w.job.App, appDeleteStep)
		if err != nil || len(ids) == 0 {
			return err
		}
		err = w.repeat(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) { return true, tx.DropJobs(ctx, w.job.App, ids) })
		if err != nil {
			return err
		}
	}
}

// files takes away files and photos. The content goes before its row: what has no row would be forgotten.
func (w appRemover) files(ctx context.Context) error {
	for after := chat.UserID(0); ; {
		owners, err := w.store.FileOwners(ctx, w.job.App, after, appDeleteStep)
		if err != nil || len(owners) == 0 {
			return err
		}
		for _, owner := range owners {
			if err := w.filesOf(ctx, owner); err != nil {
				return err
			}
			after = owner
		}
	}
}

func (w appRemover) filesOf(ctx context.Context, owner chat.UserID) error {
	for {
		list, _, err := w.store.FilesOf(ctx, owner, "", appDeleteStep)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, f := range list {
			if w.core.files.Objects != nil { // else what is there is swept when files are kept again
				if err := w.deleteContent(ctx, f.ID); err != nil {
					return err
				}
			}
			err := w.repeat(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) { return tx.PurgeFile(ctx, f, appDeleteStep) })
			if err != nil {
				return err
			}
		}
	}
}

// rows takes away everything else.
func (w appRemover) rows(ctx context.Context) error {
	for part := range store.AppParts {
		p := store.AppPurge{App: w.job.App, Part: part, Limit: appDeleteStep}
		err := w.repeat(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
			next, done, err := tx.PurgeApp(ctx, p)
			if err == nil {
				p = next
			}
			return done, err
		})
		if err != nil {
			return err
		}
	}
	return w.repeat(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
		return true, tx.PurgeLastMessage(ctx, w.job.App)
	})
}

// finish ends the job, or has it come back: for what calls that were under way have written, or for the last rows.
func (w appRemover) finish(ctx context.Context) error {
	return w.repeat(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
		if settled := w.job.CreatedAt + appSettles.Milliseconds(); w.begun.UnixMilli() < settled {
			_, err := tx.MoveJob(ctx, w.job.ID, settled)
			return true, err
		}
		left, err := tx.AppGone(ctx, w.job.App)
		if err == nil && left {
			_, err = tx.MoveJob(ctx, w.job.ID, tx.Now()+lastRowsKept.Milliseconds())
			return true, err
		}
		if err == nil {
			_, err = tx.EndJob(ctx, w.job)
		}
		return true, err
	})
}
