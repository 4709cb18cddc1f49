package service

import (
	"context"
	"errors"
	"time"

	"parlor/internal/chat"
	"parlor/internal/file"
	"parlor/internal/job"
	"parlor/internal/store"
)

// exportLease is how long one archive may take, and how long one waits whose node was killed.
const exportLease = 15 * time.Minute

// exportTries takes days: a backend waits for it.
const exportTries = 100

// ExportUser has an archive made of everything that belongs to a live user. It is CodeForbidden where this
// server keeps no files.
func (b Backend) ExportUser(ctx context.Context, xcUser string) (e chat.Export, err error) {
	if b.files.Objects == nil {
		return e, chat.Errorf(chat.CodeForbidden, "This server keeps no files, so it has no place for an archive")
	}
	user, err := b.store.UserID(ctx, b.app.ID, xcUser)
	if err != nil {
		return e, err
	}
	err = b.store.WriteOnce(ctx, userShard(b.app.ID, xcUser), func(ctx context.Context, tx *store.Tx) (err error) {
		e, err = tx.AddExport(ctx, b.app.ID, user)
		return err
	}, &e)
	return e, err
}

// Export finds an export of the App, or CodeNotFound, and its archive: nil while that is made, and once it
// is gone, a day later.
func (b Backend) Export(ctx context.Context, id chat.ExportID) (e chat.Export, archive *chat.File, err error) {
	if e, err = b.store.Export(ctx, b.app.ID, id); err != nil || e.File == "" {
		return e, nil, err
	}
	f, err := b.store.File(ctx, b.app.ID, e.File)
	if chat.CodeOf(err) == chat.CodeNotFound {
		return e, nil, nil
	}
	return e, &f, err
}

// ArchiveURL is where an archive is: an address, or only its path where this server does not know what it is
// reached by.
func (b Backend) ArchiveURL(f chat.File) string {
	if url := b.FileURL(f); url != "" {
		return url
	}
	return fileFolder + string(f.Address)
}

// ArchiveEnd is until when (Unix ms) an archive is kept.
func ArchiveEnd(f chat.File) int64 { return f.CreatedAt + unusedTime.Milliseconds() }

// ExportKind is what is done about archives that are to be made.
func (s *Service) ExportKind() job.Kind {
	return job.Kind{Name: chat.JobExport, Do: s.export, EndsItself: true, AtOnce: 1, Lease: exportLease, Attempts: exportTries}
}

// export makes an archive on this machine, stores it, and ends the job with the row that says where it is.
func (s *Service) export(ctx context.Context, j chat.Job) (err error) {
	e, err := s.store.Export(ctx, j.App, chat.ExportID(j.Payload))
	if chat.CodeOf(err) == chat.CodeNotFound || err == nil && s.files.Objects == nil {
		return job.GiveUp(errors.Join(err, errors.New("there is no place for an archive")))
	}
	if err != nil {
		return err
	}
	spool, err := s.files.Spools.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, spool.Discard()) }()
	if err := s.writeArchive(ctx, &e, spool); err != nil {
		return err
	}
	return s.keepArchive(ctx, j, e, spool)
}

// keepArchive stores an archive as a file that nothing names: it is swept a day later.
func (s *Service) keepArchive(ctx context.Context, j chat.Job, e chat.Export, spool *file.Spool) error {
	f := chat.File{
		ID: chat.NewFileID(), App: e.App, Owner: e.User, Address: chat.NewFileID(), Name: "export-" + string(e.ID) + ".zip",
		MediaType: "application/zip", Size: spool.Size(), Checksum: spool.Checksum(),
	}
	if err := s.files.Objects.Put(ctx, string(f.ID), spool); err != nil {
		return s.withdraw(ctx, f.ID, err)
	}
	return s.store.Write(ctx, fileShard(e.App), func(ctx context.Context, tx *store.Tx) error {
		if ok, err := tx.EndJob(ctx, j); err != nil || !ok {
			return err // somebody else has made one; this content has no row, and is swept
		}
		if _, err := tx.AddFile(ctx, f, chat.Quotas{}); err != nil {
			return err
		}
		e.File, e.FinishedAt = f.ID, max(tx.Now(), 1)
		return tx.EndExport(ctx, e)
	})
}
