package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// record tells backends of what a user, 0 for the App, has done in a room. It goes behind the change:
// see store.Tx.Record.
func record(ctx context.Context, tx *store.Tx, kind chat.FeedKind, room chat.Room, by chat.UserID, d chat.FeedData) error {
	return tx.Record(ctx, chat.FeedEvent{App: room.App, Kind: kind, Room: room.ID, User: by, Data: d})
}

// recordUntil tells backends that they have kept users from something in a room until a time, 0 for no
// longer; nothing where there are none.
func recordUntil(
	ctx context.Context, tx *store.Tx, kind chat.FeedKind, room chat.Room, users []chat.UserID, until int64,
) error {
	if len(users) == 0 {
		return nil
	}
	return record(ctx, tx, kind, room, 0, chat.FeedData{Users: users, Until: until})
}

// recordPeople is record for a change of users in a room; nothing where there are none.
func recordPeople(
	ctx context.Context, tx *store.Tx, kind chat.FeedKind, room chat.Room, by chat.UserID, users []chat.UserID,
) error {
	if len(users) == 0 {
		return nil
	}
	return record(ctx, tx, kind, room, by, chat.FeedData{Users: users})
}
