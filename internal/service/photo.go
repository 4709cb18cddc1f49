package service

import (
	"context"
	"errors"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/file"
	"parlor/internal/picture"
	"parlor/internal/store"
)

// AddPhoto gives the member a photo, the main one from then on, and returns the member.
func (me Member) AddPhoto(ctx context.Context, content Incoming) (*chat.User, error) {
	f, err := me.keepPhoto(ctx, content)
	if err != nil {
		return nil, err
	}
	return me.changePhotos(ctx, func(ctx context.Context, tx *store.Tx) (*store.UserTask, error) {
		return tx.AddPhoto(ctx, store.NewPhoto{
			App: me.App.ID, User: me.User, File: f.ID, Image: me.image(f),
		}, chat.MaxPhotos)
	})
}

// SetMainPhoto makes one of the member's photos the one that others see, and returns the member.
func (me Member) SetMainPhoto(ctx context.Context, id int64) (*chat.User, error) {
	return me.changePhotos(ctx, func(ctx context.Context, tx *store.Tx) (*store.UserTask, error) {
		return tx.SetMainPhoto(ctx, me.App.ID, me.User, id)
	})
}

// RemovePhoto removes one of the member's photos, and returns the member. In the place of the main
// photo comes the newest of the others.
func (me Member) RemovePhoto(ctx context.Context, id int64) (*chat.User, error) {
	return me.changePhotos(ctx, func(ctx context.Context, tx *store.Tx) (*store.UserTask, error) {
		return tx.RemovePhoto(ctx, me.App.ID, me.User, id)
	})
}

// changePhotos runs do in the member's name, and tells partners in personal rooms of another
// picture.
func (me Member) changePhotos(
	ctx context.Context, do func(context.Context, *store.Tx) (*store.UserTask, error),
) (*chat.User, error) {
	user, err := me.store.User(ctx, me.App.ID, me.User)
	if err != nil {
		return nil, err
	}
	var due *store.UserTask
	err = me.write(ctx, userShard(me.App.ID, user.XCID), func(ctx context.Context, tx *store.Tx) (err error) {
		due, err = do(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if due != nil {
		_ = me.finish(ctx, *due) // the photo is stored; what could not be done now is done later
	}
	return me.shown(ctx)(me.store.User(ctx, me.App.ID, me.User))
}

// Photos lists a user's photos, the main one first and then the newest. A deleted user has none.
func (me Member) Photos(ctx context.Context, userID string) ([]chat.Photo, error) {
	user, err := me.UserByID(ctx, userID)
	if err != nil || user.DeletedAt > 0 {
		return nil, err
	}
	list, err := me.store.Photos(ctx, me.App.ID, user.ID)
	if i := slices.IndexFunc(list, func(p chat.Photo) bool { return p.Image == user.Photo }); i > 0 {
		main := list[i]
		list = slices.Insert(slices.Delete(list, i, i+1), 0, main)
	}
	return list, err
}

// SetRoomPhoto gives a group of which the member is an admin a photo, and returns the group.
func (me Member) SetRoomPhoto(ctx context.Context, roomID string, content Incoming) (chat.Room, error) {
	// Before anything is stored. It is looked at again when the room changes.
	room, member, err := me.roomOf(ctx, roomID)
	switch {
	case err != nil:
		return room, err
	case room.Deleted():
		return room, chat.Missing(chat.RoomNotFound(), roomID)
	case room.Type == chat.Personal || !member.In || !member.Admin:
		return room, errNotAdmin()
	}
	f, err := me.keepPhoto(ctx, content)
	if err != nil {
		return room, err
	}
	var changed chat.Room
	_, err = me.changeGroup(ctx, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) (err error) {
		room.Photo = me.image(f)
		if err := tx.UseRoomPhoto(ctx, room, f.ID); err != nil {
			return err
		}
		if changed, err = tx.UpdateRoom(ctx, room); err != nil {
			return err
		}
		return me.roomUpdated(ctx, tx, changed)
	})
	return changed, err
}

// image is the addresses of a photo in its two sizes.
func (c *core) image(f chat.File) chat.Image {
	url := c.FileURL(f)
	return chat.Image{Thumbnail: url + thumbnailSuffix, Fullsize: url}
}

// keepPhoto stores a photo in two sizes. Both are made here, so nothing of the metadata that a
// camera has written goes to everybody who sees the photo.
func (me Member) keepPhoto(ctx context.Context, content Incoming) (f chat.File, err error) {
	p, err := picture.Look(content.Reader())
	if err != nil {
		return f, errNoPhoto()
	}
	made, err := me.pictures.Shrink(ctx, content.Reader(), p, photoSide, thumbnailSide)
	if errors.Is(err, picture.ErrTooLarge) || errors.Is(err, picture.ErrNoPicture) {
		err = errNoPhoto()
	}
	if err != nil {
		return f, err
	}
	f = me.newFile("photo.jpg")
	f.MediaType = "image/jpeg"
	err = me.spooled(made[0], func(s *file.Spool) error {
		whole, err := picture.Look(s.Reader())
		if err != nil {
			return err
		}
		f.Width, f.Height = whole.Width, whole.Height
		f, err = me.keepFile(ctx, f, s, made[1])
		return err
	})
	return f, err
}

func errNoPhoto() error {
	return chat.Invalid("file", "must be a JPEG, PNG, GIF or WebP picture of at most %d million pixels", picture.MaxPixels/1_000_000)
}
