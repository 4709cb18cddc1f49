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
		if err := tx.SetUserData(ctx, id, data); err != nil {
			return err
		}
		return stillThere(ctx, tx, id, xcUser)
	})
}

// stillThere is CodeNotFound for a user who was deleted since they were looked up. It comes behind what is written
// about the user, whose row is held by then: so whoever erases the user finds that, or was there before.
func stillThere(ctx context.Context, tx *store.Tx, user chat.UserID, xcUser string) error {
	live, err := tx.LiveAmong(ctx, user)
	if err == nil && !live[user] {
		err = chat.Missing(chat.UserNotFound(), xcUser)
	}
	return err
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
		if err := tx.SetParticipantData(ctx, room.ID, user, data); err != nil {
			return err
		}
		return stillThere(ctx, tx, user, xcUser)
	})
}
