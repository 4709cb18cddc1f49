package service

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"parlor/internal/chat"
	"parlor/internal/file"
)

const (
	// sweepInterval is how often a node looks for files that nothing names.
	sweepInterval = 10 * time.Minute
	// unusedTime is how long a file may be without a message or a photo that names it, and
	// content without a row.
	unusedTime = 24 * time.Hour
	// strayInterval is how often a node looks through all content.
	strayInterval = 24 * time.Hour
	// sweepPage is how many files are looked at at a time.
	sweepPage = 200
)

// SweepFiles removes, until ctx ends, what nothing names: files a day after they were uploaded or
// last named, content of which there is no row, and what killed processes have left of uploads. Any number of nodes may do so at a time.
func (s *Service) SweepFiles(ctx context.Context, log *slog.Logger) error {
	if s.files.Objects == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	strays := time.Now() // a start has better things to do
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := s.sweepLeft(ctx)
		if time.Since(strays) > strayInterval {
			strays = time.Now()
			err = errors.Join(err, s.sweepStrays(ctx))
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("files that nothing names could not be removed; it is tried again", "error", err)
		}
	}
}

// sweepLeft removes what may be looked for often.
func (s *Service) sweepLeft(ctx context.Context) error {
	return errors.Join(s.sweepUnused(ctx), s.files.Spools.Sweep(file.LeftAfter))
}

// sweepUnused removes files that nothing names: the row first, so that there is never one without
// content.
func (s *Service) sweepUnused(ctx context.Context) error {
	for {
		list, err := s.store.UnusedFiles(ctx, s.now().Add(-unusedTime).UnixMilli(), sweepPage)
		if err != nil {
			return err
		}
		for _, f := range list {
			removed, err := s.store.RemoveFile(ctx, fileShard(f.App), f)
			if err == nil && removed {
				err = s.deleteContent(ctx, f.ID)
			}
			if err != nil {
				return err
			}
		}
		if len(list) < sweepPage {
			return nil
		}
	}
}

func (c *core) deleteContent(ctx context.Context, id chat.FileID) error {
	return errors.Join(c.files.Objects.Delete(ctx, string(id)), c.files.Objects.Delete(ctx, thumbnailKey(id)))
}

// sweepStrays removes content without a row: of uploads that broke off between the two, and of
// removals that did.
func (s *Service) sweepStrays(ctx context.Context) error {
	old := s.now().Add(-unusedTime)
	page := map[chat.FileID]bool{}
	settle := func() error {
		ids := make([]chat.FileID, 0, len(page))
		for id := range page {
			ids = append(ids, id)
		}
		there, err := s.store.FilesThere(ctx, ids)
		for _, id := range ids {
			if err == nil && !there[id] {
				err = s.deleteContent(ctx, id)
			}
		}
		clear(page)
		return err
	}
	err := s.files.Objects.List(ctx, func(o file.Object) error {
		id, ok := chat.ParseFileID(strings.TrimSuffix(o.Key, "-t"))
		if !ok || o.Stored.After(old) {
			return nil // not ours, or of an upload that goes on
		}
		if page[id] = true; len(page) < sweepPage {
			return nil
		}
		return settle()
	})
	if err != nil {
		return err
	}
	return settle()
}
