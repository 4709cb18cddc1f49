package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/file"
	"parlor/internal/service"
	"parlor/internal/store"
)

// openFiles finds where the content of files is kept. A server that cannot write there does not
// start: it would lose what its users send.
func openFiles(ctx context.Context, cfg config.Config, st *store.Store, log *slog.Logger) (service.Files, error) {
	folder := cfg.FilesFolder()
	if folder == "" {
		if cfg.Files != config.NoFiles {
			log.Warn("no files are kept: several nodes need a place in common; set files to a folder that all of them have mounted, or to none")
		}
		return service.Files{}, nil
	}
	objects, spools, err := file.OpenFolder(folder)
	if err == nil {
		err = claim(ctx, st, objects, spools)
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
		Objects: objects, Spools: spools, PublicURL: cfg.PublicURL, MaxSize: cfg.MaxFileSize,
		Quotas: chat.Quotas{App: cfg.AppFileQuota, User: cfg.UserFileQuota},
	}, nil
}

// claim makes sure that the folder has the content of this database's files, and of no other's:
// what has no row in the database is removed from it, and a node with another folder than the others
// would find nothing of theirs. So folder and database both have a mark.
func claim(ctx context.Context, st *store.Store, objects *file.Folder, spools *file.Spools) error {
	mark, err := objects.Mark()
	if err != nil {
		return err
	}
	known, err := st.FilesFolder(ctx)
	if err != nil {
		return err
	}
	if known == "" && mark != "" { // left by a database that is gone, which matters if there is anything in it
		if empty, err := isEmpty(ctx, objects); err != nil {
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
		return tryWriting(spools)
	case mark != "":
		return fmt.Errorf("the folder belongs to another database; name a folder of this one's own")
	}
	lost, err := st.AnyFiles(ctx)
	if err != nil {
		return err
	}
	if lost {
		return fmt.Errorf("the database has files, and this is not the folder that they are in: put that back, or name it;"+
			" to go on without them, write %s into the file %s of this folder", known, file.MarkName)
	}
	return objects.SetMark(spools, known)
}

func isEmpty(ctx context.Context, objects *file.Folder) (bool, error) {
	errFound := errors.New("there is something")
	err := objects.List(ctx, func(file.Object) error { return errFound })
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
