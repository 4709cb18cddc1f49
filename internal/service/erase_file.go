package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// files takes away what the user has uploaded and nobody else shows. The content goes before its row:
// nobody can ask for it any more, and what has no row would be forgotten.
func (w *eraser) files(ctx context.Context) error {
	after, kept := chat.FileID(""), int64(0)
	for {
		list, unused, err := w.store.FilesOf(ctx, w.e.User, after, eraseStep)
		if err != nil {
			return err
		}
		for i, f := range list {
			removed := false
			if unused[i] && w.core.files.Objects != nil {
				if removed, err = w.file(ctx, f); err != nil {
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

// file removes one file. removed is false where something names it after all.
func (w *eraser) file(ctx context.Context, f chat.File) (removed bool, err error) {
	if err := w.deleteContent(ctx, f.ID); err != nil {
		return false, err
	}
	if removed, err = w.store.RemoveFile(ctx, fileShard(f.App), f); err != nil || !removed {
		return removed, err
	}
	return true, w.step(ctx, int64(w.e.User), func(_ context.Context, _ *store.Tx, e *chat.Erasure) error {
		e.Erased.Files++
		e.Erased.FileBytes += f.Bytes()
		return nil
	})
}
