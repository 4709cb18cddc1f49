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

func (s *Service) destination(ctx context.Context, c chat.Caller, o Outgoing, sender chat.UserID) (destination, error) {
	switch {
	case o.XCRoomID != "" && o.LocalID != "":
		// Whether the room still stands comes before whether the message is a repeat.
		room, err := s.store.Room(ctx, c.App.ID, o.XCRoomID)
		return destination{room: room.ID, shard: shardOfRoom(room)}, err
	case o.XCRoomID != "":
		room, err := s.store.RoomID(ctx, c.App.ID, o.XCRoomID)
		return destination{room: room, shard: roomShard(c.App.ID, o.XCRoomID)}, err
	case o.RoomID != "":
		to, err := s.roomDestination(ctx, c, o.RoomID, sender)
		return to, chat.Missing(err, o.RoomID)
	}
	partner, err := s.resolveUser(ctx, c, o.To)
	return pairDestination(c, chat.NewPair(sender, partner)), err
}

func (s *Service) roomDestination(ctx context.Context, c chat.Caller, roomID string, sender chat.UserID) (destination, error) {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok {
		return destination{}, chat.RoomNotFound()
	}
	if ref.Type != chat.Personal {
		room, err := s.store.RoomByRef(ctx, c.App.ID, ref)
		return destination{room: room.ID, shard: shardOfRoom(room)}, err
	}
	if !ref.Pair.Has(sender) {
		return destination{}, chat.RoomNotFound() // a stranger learns nothing of it
	}
	_, err := s.resolveUser(ctx, c, UserName{ID: ref.Pair.Other(sender).String()})
	if chat.CodeOf(err) == chat.CodeNotFound {
		err = chat.RoomNotFound() // the caller named a room, no user
	}
	return pairDestination(c, ref.Pair), err
}

func pairDestination(c chat.Caller, pair chat.Pair) destination {
	return destination{pair: pair, shard: shardOf(c.App.ID, "pair", pair.String())}
}

// resolveUser finds a live user by one of the two names.
func (s *Service) resolveUser(ctx context.Context, c chat.Caller, name UserName) (chat.UserID, error) {
	if name.XCID != "" {
		return s.store.UserID(ctx, c.App.ID, name.XCID)
	}
	id, ok := chat.ParseUserID(name.ID)
	if !ok {
		return 0, chat.Missing(chat.UserNotFound(), name.ID)
	}
	user, err := s.store.User(ctx, c.App.ID, id)
	if err != nil {
		return 0, chat.Missing(err, name.ID)
	}
	if user.DeletedAt > 0 || user.XCID == "" {
		return 0, chat.Missing(chat.UserNotFound(), name.ID) // gone, or the App's own user, who is nobody's to speak for
	}
	return id, nil
}
