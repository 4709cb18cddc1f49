package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// ErrRoomLocked refuses to have a room changed or written into that is locked.
var ErrRoomLocked error = &chat.Error{Code: chat.CodeForbidden, Message: "The room is locked"}

// LockRoom lets only the backend write into the room. changed is false when
// it was locked before; then nothing happens.
func (b Backend) LockRoom(ctx context.Context, name RoomName, xcUser string) (changed bool, err error) {
	return b.setLock(ctx, name, xcUser, true)
}

// UnlockRoom undoes LockRoom. changed is false when the room was not locked.
func (b Backend) UnlockRoom(ctx context.Context, name RoomName, xcUser string) (changed bool, err error) {
	return b.setLock(ctx, name, xcUser, false)
}

func (b Backend) setLock(ctx context.Context, name RoomName, xcUser string, lock bool) (changed bool, err error) {
	if _, err := b.liveRoom(ctx, name); err != nil {
		return false, err
	}
	actor, err := b.store.UserID(ctx, b.app.ID, xcUser)
	if err != nil {
		return false, err
	}
	err = b.changeRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if changed = room.Locked() != lock; !changed {
			return nil
		}
		n, kind := chat.Notice{Kind: chat.NoticeRoomUnlocked}, chat.FeedRoomUnlocked
		room.LockedAt = 0
		if lock {
			n.Kind, kind = chat.NoticeRoomLocked, chat.FeedRoomLocked
			room.LockedAt = b.now().UnixMilli()
		}
		if room, err = tx.UpdateRoom(ctx, room); err != nil {
			return err
		}
		if err := (speaker{b.dialect, actor, false}).notify(ctx, tx, room, n); err != nil {
			return err
		}
		return record(ctx, tx, kind, room, actor, chat.FeedData{})
	}, &changed)
	return changed, err
}
