package store

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// UnusedFiles lists up to limit files of all Apps that nothing has named since a time (Unix ms) or
// longer.
func (s *Store) UnusedFiles(ctx context.Context, since int64, limit int) (list []chat.File, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		f, err := scanFile(r)
		list = append(list, f)
		return err
	}, `SELECT `+fileColumns+` FROM files f WHERE f.unused_since > 0 AND f.unused_since <= $1
		ORDER BY f.unused_since LIMIT $2`, since, limit)
	return list, s.explain(err)
}

// ErrFileUsed ends the removal of a file that something names, or that somebody else has removed.
var ErrFileUsed = errors.New("something names the file")

// RemoveFile removes the row of a file that nothing names, and no longer counts it. removed is
// false where something names it after all, or where somebody else was faster.
func (s *Store) RemoveFile(ctx context.Context, shard int64, f chat.File) (removed bool, err error) {
	err = s.Write(ctx, shard, func(ctx context.Context, tx *Tx) error { return tx.RemoveFile(ctx, f) })
	if errors.Is(err, ErrFileUsed) {
		return false, s.Write(ctx, shard, func(ctx context.Context, tx *Tx) error {
			if held, err := tx.holdFile(ctx, f.App, f.ID); err != nil || !held {
				return err
			}
			// So that it is not looked at again and again.
			_, err := tx.conn.Exec(ctx, `UPDATE files SET unused_since = 0 WHERE id = $1 AND app_id = $2 AND NOT EXISTS (
				SELECT 1 FROM files f WHERE f.id = $1 AND `+fileUnused+`)`, string(f.ID), f.App)
			return err
		})
	}
	return err == nil, err
}

// RemoveFile is Store.RemoveFile for a transaction, which is to be rolled back where it is ErrFileUsed.
func (tx *Tx) RemoveFile(ctx context.Context, f chat.File) error {
	// The counts first, as where files are added.
	for _, user := range []chat.UserID{0, f.Owner} {
		if _, err := tx.conn.Exec(ctx, `UPDATE file_usage SET files = files - 1, bytes = bytes - $3
			WHERE app_id = $1 AND user_id = $2`, f.App, user, f.Bytes()); err != nil {
			return err
		}
	}
	held, err := tx.holdFile(ctx, f.App, f.ID)
	if err != nil {
		return err
	}
	if !held {
		return ErrFileUsed
	}
	n, err := tx.conn.Exec(ctx, `DELETE FROM files WHERE id = $1 AND app_id = $2 AND EXISTS (
		SELECT 1 FROM files f WHERE f.id = $1 AND `+fileUnused+`)`, string(f.ID), f.App)
	if err == nil && n == 0 {
		return ErrFileUsed
	}
	return err
}

// FilesThere returns those of ids that are files of any App.
func (s *Store) FilesThere(ctx context.Context, ids []chat.FileID) (there map[chat.FileID]bool, err error) {
	there = map[chat.FileID]bool{}
	for _, id := range ids {
		err := s.eng.Row(ctx, `SELECT f.id FROM files f WHERE f.id = $1`, string(id)).Scan((*string)(&id))
		if err != nil && !engine.NoRows(err) {
			return nil, s.explain(err)
		}
		if err == nil {
			there[id] = true
		}
	}
	return there, nil
}

// FilesFolder is the id of the place at which the content of this database's files is, "" before
// one was chosen.
func (s *Store) FilesFolder(ctx context.Context) (id string, err error) {
	err = s.eng.Row(ctx, `SELECT files FROM installation`).Scan(&id)
	return id, s.explain(err)
}

// AnyFiles reports whether there are files of any App.
func (s *Store) AnyFiles(ctx context.Context) (any bool, err error) {
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM files)`).Scan(&any)
	return any, s.explain(err)
}

// SetFilesFolder notes where content is kept, if it was there that old says, and returns what
// is noted then.
func (s *Store) SetFilesFolder(ctx context.Context, old, id string) (now string, err error) {
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		if _, err := tx.conn.Exec(ctx, `UPDATE installation SET files = $1 WHERE files = $2`, id, old); err != nil {
			return err
		}
		return tx.conn.Row(ctx, `SELECT files FROM installation`).Scan(&now)
	})
	return now, err
}
