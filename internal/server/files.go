package server

import (
	"errors"
	"fmt"
	"log/slog"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/file"
	"parlor/internal/service"
)

// openFiles finds where the content of files is kept. A server that cannot write there does not
// start: it would lose what its users send.
func openFiles(cfg config.Config, log *slog.Logger) (service.Files, error) {
	folder := cfg.FilesFolder()
	if folder == "" {
		if cfg.Files != config.NoFiles {
			log.Warn("no files are kept: several nodes need a place in common; set files to a folder that all of them have mounted, or to none")
		}
		return service.Files{}, nil
	}
	objects, spools, err := file.OpenFolder(folder)
	if err == nil {
		err = tryWriting(spools)
	}
	if err != nil {
		return service.Files{}, fmt.Errorf("files: %w", err)
	}
	return service.Files{
		Objects: objects, Spools: spools, PublicURL: cfg.PublicURL, MaxSize: cfg.MaxFileSize,
		Quotas: chat.Quotas{App: cfg.AppFileQuota, User: cfg.UserFileQuota},
	}, nil
}

func tryWriting(spools *file.Spools) error {
	s, err := spools.New()
	if err != nil {
		return err
	}
	_, err = s.Write([]byte("parlor"))
	return errors.Join(err, s.Discard())
}
