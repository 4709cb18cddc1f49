package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const fileColumns = `f.id, f.app_id, f.owner_id, f.address, f.name, f.media_type, f.size, f.thumbnail, f.width, f.height,
	f.checksum, f.created_at`

// scanFile reads fileColumns, and what the query selects behind them into more.
func scanFile(r engine.Row, more ...any) (f chat.File, err error) {
	err = r.Scan(append([]any{
		(*string)(&f.ID), (*int64)(&f.App), (*int64)(&f.Owner), (*string)(&f.Address), &f.Name, &f.MediaType,
		&f.Size, &f.Thumbnail, &f.Width, &f.Height, &f.Checksum, &f.CreatedAt,
	}, more...)...)
	return f, err
}

func fileOr404(f chat.File, err error) (chat.File, error) {
	if engine.NoRows(err) {
		return f, chat.FileNotFound()
	}
	return f, err
}

// What a file does not fit into: what the App's files, or the user's, may take.
var (
	ErrAppQuota  = errors.New("the app's quota is used up")
	ErrUserQuota = errors.New("the user's quota is used up")
)

// AddFile stores a file's row, whose content must be stored already, and counts it. It is
// ErrAppQuota or ErrUserQuota where the file does not fit. Nothing names it yet.
func (tx *Tx) AddFile(ctx context.Context, f chat.File, q chat.Quotas) (chat.File, error) {
	f.CreatedAt = tx.store.nowMS()
	// Always the App's row first: whoever changes both waits for it there.
	if bytes, err := tx.countFile(ctx, f, 0); err != nil || over(bytes, q.App) {
		return f, cmp.Or(err, ErrAppQuota)
	}
	if bytes, err := tx.countFile(ctx, f, f.Owner); err != nil || over(bytes, q.User) {
		return f, cmp.Or(err, ErrUserQuota)
	}
	_, err := tx.conn.Exec(ctx, `INSERT INTO files (id, app_id, owner_id, address, name, media_type, size, thumbnail,
			width, height, checksum, created_at, unused_since)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
		string(f.ID), f.App, f.Owner, string(f.Address), f.Name, f.MediaType, f.Size, f.Thumbnail,
		f.Width, f.Height, f.Checksum, f.CreatedAt)
	return f, err
}

// over reports whether files take more than a quota allows, of which 0 is none.
func over(bytes, quota int64) bool { return quota > 0 && bytes > quota }

// countFile counts a file of a user's, or of the App as a whole (0), and returns what all of these take then.
func (tx *Tx) countFile(ctx context.Context, f chat.File, user chat.UserID) (bytes int64, err error) {
	err = tx.conn.Row(ctx, `INSERT INTO file_usage (app_id, user_id, files, bytes) VALUES ($1, $2, 1, $3)
		ON CONFLICT (app_id, user_id) DO UPDATE SET files = file_usage.files + 1, bytes = file_usage.bytes + excluded.bytes
		RETURNING bytes`, f.App, user, f.Bytes()).Scan(&bytes)
	return bytes, err
}

// FileUsage is what the files of an App take, or those of one user; 0 is the App as a whole.
func (s *Store) FileUsage(ctx context.Context, app chat.AppID, user chat.UserID) (files, bytes int64, err error) {
	err = s.eng.Row(ctx, `SELECT u.files, u.bytes FROM file_usage u WHERE u.app_id = $1 AND u.user_id = $2`,
		app, user).Scan(&files, &bytes)
	return files, bytes, s.explain(ignoreNoRows(err))
}

// StoredFiles is what the files of all Apps take together.
func (s *Store) StoredFiles(ctx context.Context) (files, bytes int64, err error) {
	// Not a join: for that SQLite may read the rows of all users.
	err = s.eng.Row(ctx, `SELECT
		CAST(COALESCE(SUM((SELECT u.files FROM file_usage u WHERE u.app_id = a.id AND u.user_id = 0)), 0) AS BIGINT),
		CAST(COALESCE(SUM((SELECT u.bytes FROM file_usage u WHERE u.app_id = a.id AND u.user_id = 0)), 0) AS BIGINT)
		FROM apps a`).Scan(&files, &bytes)
	return files, bytes, s.explain(err)
}

// AppUsages lists every App, the oldest first, and what its files take together.
func (s *Store) AppUsages(ctx context.Context) (list []chat.AppUsage, err error) {
	// Not a join: for that SQLite may read the rows of all users.
	err = engine.Each(ctx, s.eng, func(r engine.Row) (err error) {
		var u chat.AppUsage
		u.App, err = scanApp(r, &u.Files, &u.Bytes)
		list = append(list, u)
		return err
	}, `SELECT `+appColumns+`,
		COALESCE((SELECT u.files FROM file_usage u WHERE u.app_id = apps.id AND u.user_id = 0), 0),
		COALESCE((SELECT u.bytes FROM file_usage u WHERE u.app_id = apps.id AND u.user_id = 0), 0)
		FROM apps WHERE deleted_at = 0 ORDER BY id LIMIT $1`, chat.MaxAnswer)
	return list, s.explain(err)
}

// File finds a file of the App, or CodeNotFound.
func (s *Store) File(ctx context.Context, app chat.AppID, id chat.FileID) (chat.File, error) {
	f, err := fileOr404(scanFile(s.eng.Row(ctx, `SELECT `+fileColumns+` FROM files f
		WHERE f.id = $1 AND f.app_id = $2`, string(id), app)))
	return f, s.explain(err)
}

// FileAt finds a file by its address, or CodeNotFound. Whose it is does not matter: who has the
// address may have the file.
func (s *Store) FileAt(ctx context.Context, address chat.FileID) (chat.File, error) {
	f, err := fileOr404(scanFile(s.eng.Row(ctx, `SELECT `+fileColumns+` FROM files f
		WHERE f.address = $1 AND EXISTS (SELECT 1 FROM apps a WHERE a.id = f.app_id AND a.deleted_at = 0)`, string(address))))
	return f, s.explain(err)
}

// ShareFile notes that a stored message names a file, so that who may read the message may have
// the file. It does nothing where the file is gone.
func (tx *Tx) ShareFile(ctx context.Context, app chat.AppID, id chat.FileID, m chat.Message) error {
	held, err := tx.useFile(ctx, app, id)
	if err != nil || !held {
		return err
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO file_messages (file_id, room_id, message_id) VALUES ($1, $2, $3)
		ON CONFLICT (file_id, room_id, message_id) DO NOTHING`, string(id), m.Room, m.ID)
	return err
}

// useFile keeps a file from being removed as unused. ok is false where it is gone.
func (tx *Tx) useFile(ctx context.Context, app chat.AppID, id chat.FileID) (ok bool, err error) {
	n, err := tx.conn.Exec(ctx, `UPDATE files SET unused_since = 0 WHERE id = $1 AND app_id = $2`, string(id), app)
	return n > 0, err
}

// SharedFile is the file that a message shares, "" for none.
func (tx *Tx) SharedFile(ctx context.Context, m chat.Message) (id chat.FileID, err error) {
	err = tx.conn.Row(ctx, `SELECT fm.file_id FROM file_messages fm WHERE fm.message_id = $1 ORDER BY fm.file_id LIMIT 1`,
		m.ID).Scan((*string)(&id))
	return id, ignoreNoRows(err)
}

// changeShares has a changed message share this file, "" for none, and no other.
func (tx *Tx) changeShares(ctx context.Context, m chat.Message, file chat.FileID) error {
	var old []chat.FileID
	err := engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id chat.FileID
		err := r.Scan((*string)(&id))
		old = append(old, id)
		return err
	}, `SELECT fm.file_id FROM file_messages fm WHERE fm.message_id = $1 ORDER BY fm.file_id`, m.ID)
	if err != nil {
		return err
	}
	for _, id := range old {
		if id == file {
			continue
		}
		_, err := tx.conn.Exec(ctx, `DELETE FROM file_messages WHERE file_id = $1 AND room_id = $2 AND message_id = $3`,
			string(id), m.Room, m.ID)
		if err == nil {
			err = tx.releaseFile(ctx, m.App, id)
		}
		if err != nil {
			return err
		}
	}
	if file == "" || slices.Contains(old, file) {
		return nil
	}
	return tx.ShareFile(ctx, m.App, file, m)
}

// fileUnused is true of a file f that nothing names.
const fileUnused = `NOT EXISTS (SELECT 1 FROM file_messages fm WHERE fm.file_id = f.id)
	AND NOT EXISTS (SELECT 1 FROM user_photos up WHERE up.file_id = f.id)
	AND NOT EXISTS (SELECT 1 FROM room_photos rp WHERE rp.file_id = f.id)`

// releaseFile notes that something no longer names a file, which may have been the last.
func (tx *Tx) releaseFile(ctx context.Context, app chat.AppID, id chat.FileID) error {
	if held, err := tx.holdFile(ctx, app, id); err != nil || !held {
		return err
	}
	_, err := tx.conn.Exec(ctx, `UPDATE files SET unused_since = $3 WHERE id = $1 AND app_id = $2 AND EXISTS (
		SELECT 1 FROM files f WHERE f.id = $1 AND `+fileUnused+`)`, string(id), app, max(tx.store.nowMS(), 1))
	return err
}

// holdFile keeps others from naming a file, or from ceasing to, until the commit: what the next
// statement sees of that is settled then. ok is false where the file is gone.
func (tx *Tx) holdFile(ctx context.Context, app chat.AppID, id chat.FileID) (ok bool, err error) {
	err = tx.conn.Row(ctx, `SELECT f.id FROM files f WHERE f.id = $1 AND f.app_id = $2`+
		tx.store.eng.Locks("UPDATE", "f"), string(id), app).Scan((*string)(&id))
	return err == nil, ignoreNoRows(err)
}

// FileReach is the messages by which a user may have a file.
type FileReach struct {
	File  chat.FileID
	Room  chat.RoomID
	User  chat.UserID
	After int64 // the messages' times, After excluded and Last included
	Last  int64
}

// FileReached reports whether there is a message in reach that names the file. One that was
// deleted does not count, and one that is withheld only for its sender.
func (s *Store) FileReached(ctx context.Context, r FileReach) (ok bool, err error) {
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM file_messages fm JOIN messages m ON m.id = fm.message_id
		WHERE fm.file_id = $1 AND fm.room_id = $2 AND m.created_at > $3 AND m.created_at <= $4 AND m.deleted_at = 0
			AND (NOT m.withheld OR m.sender_id = $5))`,
		string(r.File), r.Room, r.After, r.Last, r.User).Scan(&ok)
	return ok, s.explain(err)
}

// FileRooms lists up to limit rooms in which messages name a file, the newest rooms first.
func (s *Store) FileRooms(
	ctx context.Context, id chat.FileID, limit int,
) (rooms []chat.RoomID, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var room chat.RoomID
		err := r.Scan((*int64)(&room))
		rooms = append(rooms, room)
		return err
	}, `SELECT DISTINCT fm.room_id FROM file_messages fm WHERE fm.file_id = $1 ORDER BY fm.room_id DESC LIMIT $2`,
		string(id), limit)
	return rooms, s.explain(err)
}
