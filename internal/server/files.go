package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/file"
	"parlor/internal/file/s3"
	"parlor/internal/service"
	"parlor/internal/store"
)

// openFiles finds where the content of files is kept. A server that cannot write there does not
// start: it would lose what its users send.
func openFiles(ctx context.Context, cfg config.Config, st *store.Store, log *slog.Logger) (service.Files, error) {
	place, spools, err := openPlace(ctx, cfg)
	if err == nil && place == nil {
		if cfg.Files != config.NoFiles {
			log.Warn("no files are kept: several nodes need a place in common; set files to an s3:// address or to a folder that all of them have mounted, or to none")
		}
		return service.Files{}, nil
	}
	if err == nil {
		err = tryWriting(spools)
	}
	if err == nil {
		err = claim(ctx, st, place)
	}
	if err == nil {
		age := file.LeftAfter
		if cfg.Database == "" {
			age = 0 // an embedded database has one server, which has just begun
		}
		err = spools.Sweep(age)
	}
	if err != nil {
		return service.Files{}, fmt.Errorf("files: %w", err)
	}
	return service.Files{
		Objects: place, Spools: spools, PublicURL: cfg.PublicURL, MaxSize: cfg.MaxFileSize,
		Quotas: chat.Quotas{App: cfg.AppFileQuota, User: cfg.UserFileQuota},
	}, nil
}

// openPlace opens the bucket or the folder that the settings name. There may be none.
func openPlace(ctx context.Context, cfg config.Config) (file.Place, *file.Spools, error) {
	bucket, prefix := cfg.FilesBucket()
	if bucket == "" {
		if folder := cfg.FilesFolder(); folder != "" {
			return file.OpenFolder(folder)
		}
		return nil, nil, nil
	}
	b, err := s3.New(s3.Options{
		Endpoint: cfg.S3Endpoint, Region: cfg.S3Region, Bucket: bucket, Prefix: prefix, KeyID: cfg.S3KeyID, Secret: cfg.S3Secret,
	})
	if err != nil {
		return nil, nil, err
	}
	if err := b.Try(ctx); err != nil {
		return nil, nil, fmt.Errorf("%s cannot be used: %w", b, err)
	}
	spools, err := file.OpenSpools(cfg.SpoolFolder())
	return b, spools, err
}

// claim makes sure that a place has the content of this database's files, and of no other's:
// what has no row in the database is removed from it, and a node with another place than the others
// would find nothing of theirs. So place and database both have a mark.
func claim(ctx context.Context, st *store.Store, place file.Place) error {
	mark, err := place.Mark(ctx)
	if err != nil {
		return err
	}
	known, err := st.FilesFolder(ctx)
	if err != nil {
		return err
	}
	if known == "" && mark != "" { // left by a database that is gone, which matters if there is anything in it
		if empty, err := isEmpty(ctx, place); err != nil {
			return err
		} else if empty {
			mark = ""
		}
	}
	if known == "" && mark == "" { // a first start; of several nodes one is first
		if known, err = st.SetFilesFolder(ctx, "", string(chat.NewFileID())); err != nil {
			return err
		}
	}
	switch {
	case mark == known:
		return nil
	case mark != "":
		return fmt.Errorf("the folder or bucket belongs to another database; name one of this one's own in files, such as another prefix")
	}
	lost, err := st.AnyFiles(ctx)
	if err != nil {
		return err
	}
	if lost {
		return fmt.Errorf("the database has files, and this is not the folder or bucket that they are in: put that back, or name it;"+
			" to go on without them, write %s into the file %s of this one", known, file.MarkName)
	}
	return place.SetMark(ctx, known)
}

func isEmpty(ctx context.Context, place file.Place) (bool, error) {
	errFound := errors.New("there is something")
	err := place.List(ctx, func(file.Object) error { return errFound })
	if errors.Is(err, errFound) {
		return false, nil
	}
	return err == nil, err
}

func tryWriting(spools *file.Spools) error {
	s, err := spools.New()
	if err != nil {
		return err
	}
	_, err = s.Write([]byte("parlor"))
	return errors.Join(err, s.Discard())
}
