package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SetRoomData keeps data with a room in place of what was kept, "" for nothing. Only backends see it.
func (b Backend) SetRoomData(ctx context.Context, name RoomName, data chat.OwnData) error {
	return b.withRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if room.Deleted() {
			return chat.Missing(chat.RoomNotFound(), name.String())
		}
		return tx.SetRoomData(ctx, room.ID, data)
	})
}

// SetUserData keeps data with a user in place of what was kept, "" for nothing. Only backends see it.
func (b Backend) SetUserData(ctx context.Context, xcUser string, data chat.OwnData) error {
	return b.withUser(ctx, xcUser, func(ctx context.Context, tx *store.Tx, id chat.UserID) error {
		return tx.SetUserData(ctx, id, data)
	})
}

// SetParticipantData is SetRoomData for a user in a room, who need not be in it now.
func (b Backend) SetParticipantData(ctx context.Context, name RoomName, xcUser string, data chat.OwnData) error {
	user, err := b.store.UserID(ctx, b.app.ID, xcUser)
	if err != nil {
		return err
	}
	return b.withRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if room.Deleted() {
			return chat.Missing(chat.RoomNotFound(), name.String())
		}
		return tx.SetParticipantData(ctx, room.ID, user, data)
	})
}
