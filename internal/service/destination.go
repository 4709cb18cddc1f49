package service

import (
	"context"

	"parlor/internal/chat"
)

// destination is a room that exists, or a pair whose room may have to be made.
type destination struct {
	room  chat.RoomID
	pair  chat.Pair
	shard int64
}

func (b Backend) destination(ctx context.Context, o Outgoing, sender chat.UserID) (destination, error) {
	switch {
	case o.XCRoomID != "" && o.LocalID != "":
		// Whether the room still stands comes before whether the message is a repeat.
		room, err := b.store.Room(ctx, b.app.ID, o.XCRoomID)
		return destination{room: room.ID, shard: shardOfRoom(room)}, err
	case o.XCRoomID != "":
		room, err := b.store.RoomID(ctx, b.app.ID, o.XCRoomID)
		return destination{room: room, shard: roomShard(b.app.ID, o.XCRoomID)}, err
	case o.RoomID != "":
		to, err := b.roomDestination(ctx, o.RoomID, sender)
		return to, chat.Missing(err, o.RoomID)
	}
	partner, err := b.resolveUser(ctx, b.app.ID, o.To)
	return pairDestination(b.app.ID, chat.NewPair(sender, partner)), err
}

func (b Backend) roomDestination(ctx context.Context, roomID string, sender chat.UserID) (destination, error) {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok {
		return destination{}, chat.RoomNotFound()
	}
	if ref.Type != chat.Personal {
		room, err := b.store.RoomByRef(ctx, b.app.ID, ref)
		return destination{room: room.ID, shard: shardOfRoom(room)}, err
	}
	if !ref.Pair.Has(sender) {
		return destination{}, chat.RoomNotFound() // a stranger learns nothing of it
	}
	_, err := b.resolveUser(ctx, b.app.ID, UserName{ID: ref.Pair.Other(sender).String()})
	if chat.CodeOf(err) == chat.CodeNotFound {
		err = chat.RoomNotFound() // the caller named a room, no user
	}
	return pairDestination(b.app.ID, ref.Pair), err
}

func pairDestination(app chat.AppID, pair chat.Pair) destination {
	return destination{pair: pair, shard: pairShard(app, pair)}
}
