package store

import (
	"context"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// NewPhoto is a photo of a user's that is to be added.
type NewPhoto struct {
	App   chat.AppID
	User  chat.UserID
	File  chat.FileID
	Image chat.Image
}

// userForUpdate finds a live user and keeps others from changing the user, and the user's photos.
func (tx *Tx) userForUpdate(ctx context.Context, app chat.AppID, user chat.UserID) (chat.User, error) {
	u, err := scanUser(tx.conn.Row(ctx, userSelect+`WHERE u.id = $1 AND u.app_id = $2 AND u.deleted_at = 0`+
		tx.store.eng.ForUpdate("u"), user, app))
	if engine.NoRows(err) {
		err = chat.UserNotFound()
	}
	return u, err
}

// AddPhoto gives a user one more photo, which is the main one from then on, and returns what is
// due in personal rooms. It is CodeForbidden for a user who has most of them already, and
// CodeNotFound where the file is gone.
func (tx *Tx) AddPhoto(ctx context.Context, p NewPhoto, most int) (due *UserTask, err error) {
	u, err := tx.userForUpdate(ctx, p.App, p.User)
	if err != nil {
		return nil, err
	}
	have := 0
	if err := tx.conn.Row(ctx, `SELECT COUNT(*) FROM user_photos WHERE user_id = $1`, p.User).Scan(&have); err != nil {
		return nil, err
	}
	if have >= most {
		return nil, chat.Errorf(chat.CodeForbidden, "A user can have %d photos; delete one first", most)
	}
	if ok, err := tx.useFile(ctx, p.App, p.File); err != nil || !ok {
		return nil, fileGone(err)
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO user_photos (user_id, file_id, thumbnail, fullsize, created_at)
		VALUES ($1, $2, $3, $4, $5)`, p.User, string(p.File), p.Image.Thumbnail, p.Image.Fullsize, tx.store.nowMS())
	if err != nil {
		return nil, err
	}
	return tx.setUserImage(ctx, u, p.Image)
}

func fileGone(err error) error {
	if err == nil {
		err = chat.FileNotFound()
	}
	return err
}

// SetMainPhoto makes one of a user's photos the main one, or CodeNotFound.
func (tx *Tx) SetMainPhoto(ctx context.Context, app chat.AppID, user chat.UserID, id int64) (due *UserTask, err error) {
	u, err := tx.userForUpdate(ctx, app, user)
	if err != nil {
		return nil, err
	}
	p, _, err := tx.photo(ctx, user, id)
	if err != nil {
		return nil, err
	}
	return tx.setUserImage(ctx, u, p.Image)
}

// RemovePhoto removes one of a user's photos, or CodeNotFound. In the place of the main one comes
// the newest of the others, or none.
func (tx *Tx) RemovePhoto(ctx context.Context, app chat.AppID, user chat.UserID, id int64) (due *UserTask, err error) {
	u, err := tx.userForUpdate(ctx, app, user)
	if err != nil {
		return nil, err
	}
	p, file, err := tx.photo(ctx, user, id)
	if err != nil {
		return nil, err
	}
	if _, err := tx.conn.Exec(ctx, `DELETE FROM user_photos WHERE id = $1 AND user_id = $2`, id, user); err != nil {
		return nil, err
	}
	if err := tx.releaseFile(ctx, app, file); err != nil || p.Image != u.Photo {
		return nil, err
	}
	var next chat.Image
	err = tx.conn.Row(ctx, `SELECT thumbnail, fullsize FROM user_photos WHERE user_id = $1 ORDER BY id DESC LIMIT 1`,
		user).Scan(&next.Thumbnail, &next.Fullsize)
	if err := ignoreNoRows(err); err != nil {
		return nil, err
	}
	return tx.setUserImage(ctx, u, next)
}

func (tx *Tx) photo(ctx context.Context, user chat.UserID, id int64) (p chat.Photo, file chat.FileID, err error) {
	err = tx.conn.Row(ctx, `SELECT p.id, p.file_id, p.thumbnail, p.fullsize, p.created_at FROM user_photos p
		WHERE p.id = $1 AND p.user_id = $2`, id, user).
		Scan(&p.ID, (*string)(&file), &p.Image.Thumbnail, &p.Image.Fullsize, &p.CreatedAt)
	if engine.NoRows(err) {
		err = chat.Missing(chat.Errorf(chat.CodeNotFound, "Photo is not found"), strconv.FormatInt(id, 10))
	}
	return p, file, err
}

// setUserImage stores a user's picture, announces it, and returns what is due in personal rooms,
// nil where it was so before.
func (tx *Tx) setUserImage(ctx context.Context, u chat.User, image chat.Image) (*UserTask, error) {
	if u.Photo == image {
		return nil, nil
	}
	u.Photo, u.UpdatedAt = image, max(tx.store.nowMS(), u.UpdatedAt+1)
	_, err := tx.conn.Exec(ctx, `UPDATE users SET photo_thumbnail = $1, photo_fullsize = $2, updated_at = $3
		WHERE id = $4 AND app_id = $5`, image.Thumbnail, image.Fullsize, u.UpdatedAt, u.ID, u.App)
	if err != nil {
		return nil, err
	}
	touch(tx, userRow{u.ID})
	if err := tx.announceUser(ctx, u.App, u.ID, chat.FeedUserUpdated); err != nil {
		return nil, err
	}
	t, err := tx.setUserTask(ctx, u, false)
	return &t, err
}

// Photos lists a user's photos, the newest first.
func (s *Store) Photos(ctx context.Context, app chat.AppID, user chat.UserID) (list []chat.Photo, err error) {
	err = engine.Each(ctx, s.eng, func(r engine.Row) error {
		var p chat.Photo
		err := r.Scan(&p.ID, &p.Image.Thumbnail, &p.Image.Fullsize, &p.CreatedAt)
		list = append(list, p)
		return err
	}, `SELECT p.id, p.thumbnail, p.fullsize, p.created_at FROM user_photos p JOIN users u ON u.id = p.user_id
		WHERE p.user_id = $1 AND u.app_id = $2 ORDER BY p.id DESC LIMIT $3`, user, app, chat.MaxPhotos)
	return list, s.explain(err)
}

// UseRoomPhoto notes that a room has a file as its photo in place of any other. The room's row
// must be held, and stored by the caller. It is CodeNotFound where the file is gone.
func (tx *Tx) UseRoomPhoto(ctx context.Context, r chat.Room, file chat.FileID) error {
	var old chat.FileID
	err := tx.conn.Row(ctx, `SELECT p.file_id FROM room_photos p WHERE p.room_id = $1`, r.ID).Scan((*string)(&old))
	if err := ignoreNoRows(err); err != nil {
		return err
	}
	if ok, err := tx.useFile(ctx, r.App, file); err != nil || !ok {
		return fileGone(err)
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO room_photos (room_id, file_id) VALUES ($1, $2)
		ON CONFLICT (room_id) DO UPDATE SET file_id = excluded.file_id`, r.ID, string(file))
	if err != nil || old == "" {
		return err
	}
	return tx.releaseFile(ctx, r.App, old)
}
