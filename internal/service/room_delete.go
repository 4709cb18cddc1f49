package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// deleteRoom deletes a room, which is held for update, for everybody. It leaves all lists, and nobody
// reads or writes in it; what is in it, files too, and who, stays for RestoreRoom. Devices are told by
// its last message.
func deleteRoom(ctx context.Context, tx *store.Tx, by speaker, room chat.Room) error {
	if err := by.notify(ctx, tx, room, chat.Notice{Kind: chat.NoticeRoomDeleted}); err != nil {
		return err
	}
	room.DeletedAt = tx.Now()
	if _, err := tx.UpdateRoom(ctx, room); err != nil {
		return err
	}
	return record(ctx, tx, chat.FeedRoomDeleted, room, by.member(), chat.FeedData{})
}

// DeleteRoom deletes a room. changed is false, and nothing happens, where it was deleted before.
func (b Backend) DeleteRoom(ctx context.Context, name RoomName) (changed bool, err error) {
	return b.setDeleted(ctx, name, true)
}

// RestoreRoom undoes DeleteRoom: the room has whom and what it had. changed is false where it was not
// deleted.
func (b Backend) RestoreRoom(ctx context.Context, name RoomName) (changed bool, err error) {
	return b.setDeleted(ctx, name, false)
}

func (b Backend) setDeleted(ctx context.Context, name RoomName, deleted bool) (changed bool, err error) {
	err = b.withRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if room.Type == chat.Personal {
			return chat.Errorf(chat.CodeForbidden, "A personal room cannot be changed")
		}
		if changed = room.Deleted() != deleted; !changed {
			return nil
		}
		if deleted {
			return deleteRoom(ctx, tx, b.speaker(), room)
		}
		room.DeletedAt = 0
		room, err := tx.UpdateRoom(ctx, room)
		if err != nil {
			return err
		}
		if err := b.speaker().notify(ctx, tx, room, chat.Notice{Kind: chat.NoticeRoomRestored}); err != nil {
			return err
		}
		return record(ctx, tx, chat.FeedRoomRestored, room, 0, chat.FeedData{})
	}, &changed)
	return changed, err
}

// SetFrozen lets of a room's participants only admins write into it, or all of them again. changed
// is false where it was so before.
func (b Backend) SetFrozen(ctx context.Context, name RoomName, frozen bool) (changed bool, err error) {
	err = b.changeRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if changed = room.Frozen() != frozen; !changed {
			return nil
		}
		n, kind := chat.Notice{Kind: chat.NoticeRoomUnfrozen}, chat.FeedRoomUnfrozen
		room.FrozenAt = 0
		if frozen {
			n.Kind, kind = chat.NoticeRoomFrozen, chat.FeedRoomFrozen
			room.FrozenAt = tx.Now()
		}
		room, err := tx.UpdateRoom(ctx, room)
		if err != nil {
			return err
		}
		if err := b.speaker().notify(ctx, tx, room, n); err != nil {
			return err
		}
		return record(ctx, tx, kind, room, 0, chat.FeedData{})
	}, &changed)
	return changed, err
}
