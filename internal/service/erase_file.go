package service

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// files takes away what the user has uploaded and nobody else shows. The content goes before its row:
// nobody can ask for it any more, and what has no row would be forgotten.
func (w *eraser) files(ctx context.Context) error {
	archives, err := w.store.ArchivesOf(ctx, w.e.User)
	if err != nil {
		return err
	}
	after, kept := chat.FileID(""), int64(0)
	for {
		list, unused, err := w.store.FilesOf(ctx, w.e.User, after, eraseStep)
		if err != nil {
			return err
		}
		for i, f := range list {
			removed := false
			if unused[i] && w.core.files.Objects != nil {
				if removed, err = w.file(ctx, f, archives[f.ID]); err != nil {
					return err
				}
			}
			if !removed {
				kept++
			}
			after = f.ID
		}
		if len(list) < eraseStep {
			break
		}
	}
	return w.step(ctx, int64(w.e.User), func(_ context.Context, _ *store.Tx, e *chat.Erasure) error {
		e.Erased.KeptFiles = kept
		return nil
	})
}

// file removes one file, which may be an archive of the user. removed is false where something names it after all.
func (w *eraser) file(ctx context.Context, f chat.File, archive bool) (removed bool, err error) {
	if err := w.deleteContent(ctx, f.ID); err != nil {
		return false, err
	}
	err = w.step(ctx, fileShard(f.App), func(ctx context.Context, tx *store.Tx, e *chat.Erasure) error {
		if archive {
			e.Erased.Archives++
		} else {
			e.Erased.Files++
			e.Erased.FileBytes += f.Bytes()
		}
		return tx.RemoveFile(ctx, f)
	})
	if errors.Is(err, store.ErrFileUsed) {
		return w.store.RemoveFile(ctx, fileShard(f.App), f) // which notes that it is in use
	}
	return err == nil, err
}
