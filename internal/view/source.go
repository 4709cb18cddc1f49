package view

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Source is what views of messages are loaded from, which store.Store is.
type Source interface {
	RoomByID(ctx context.Context, app chat.AppID, id chat.RoomID) (chat.Room, error)
	User(ctx context.Context, app chat.AppID, id chat.UserID) (*chat.User, error)
	// Users returns users in the order of ids.
	Users(ctx context.Context, app chat.AppID, ids []chat.UserID) ([]*chat.User, error)
	// MessagesByKey returns those of the named messages that are there.
	MessagesByKey(ctx context.Context, app chat.AppID, keys []store.SizedKey) ([]chat.Message, error)
	// ReceiptsOf returns a user's receipts in rooms.
	ReceiptsOf(ctx context.Context, rooms []chat.RoomID, user chat.UserID) (map[chat.RoomID]chat.Receipts, error)
	// ReceiptsOfViewers returns what users see of the receipts of one message.
	ReceiptsOfViewers(
		ctx context.Context, key store.MessageKey, users []chat.UserID,
	) (map[chat.UserID]chat.ViewerReceipts, error)
	// Hidden returns which messages between two times a user has deleted for themselves.
	Hidden(ctx context.Context, room chat.RoomID, user chat.UserID, low, high int64) (map[int64]store.Hide, error)
}
