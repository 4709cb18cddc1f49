package service

import (
	"context"
	"fmt"

	"parlor/internal/chat"
)

// wholeRoom is the page of participants that the answers to changes show.
func wholeRoom() chat.Page { return chat.Page{Limit: chat.MaxAnswer} }

// Room returns a room by the customer's id, with one page of its participants.
func (b Backend) Room(ctx context.Context, name RoomName, page chat.Page) (chat.RoomDetails, error) {
	room, err := b.liveRoom(ctx, name)
	if err != nil {
		return chat.RoomDetails{}, err
	}
	people, err := b.store.Participants(ctx, room, page)
	return chat.RoomDetails{Room: room, Participants: people}, err
}

// Room returns a room to somebody who is in it, with its participants and, where
// it is a personal one, the partner. A personal room that nobody has written in yet is
// CodeNotFound.
func (me Member) Room(ctx context.Context, roomID string) (details chat.RoomDetails, partner *chat.User, err error) {
	room, member, err := me.roomOf(ctx, roomID)
	if err != nil {
		return details, nil, err
	}
	return me.detailsFor(ctx, room, member)
}

// RoomByXCID is Room by the customer's id.
func (me Member) RoomByXCID(ctx context.Context, xcRoom string) (chat.RoomDetails, *chat.User, error) {
	room, err := me.store.Room(ctx, me.App.ID, xcRoom)
	if err != nil {
		return chat.RoomDetails{}, nil, err
	}
	return me.Room(ctx, room.PublicID())
}

func (me Member) detailsFor(
	ctx context.Context, room chat.Room, member chat.Membership,
) (details chat.RoomDetails, partner *chat.User, err error) {
	if room.Deleted() {
		return details, nil, chat.RoomNotFound()
	}
	if !member.In {
		return details, nil, notParticipant()
	}
	if room.Type == chat.Personal {
		if partner, err = me.store.User(ctx, me.App.ID, room.Pair.Other(me.User)); err != nil {
			return details, nil, err
		}
	}
	details, err = me.details(ctx, room)
	if room.Blocks == 0 {
		details.Users = me.withPresence(details.Users)
	}
	return details, partner, err
}

// details adds to a room that was changed who is in it.
func (c *core) details(ctx context.Context, room chat.Room) (chat.RoomDetails, error) {
	people, err := c.store.Participants(ctx, room, wholeRoom())
	return chat.RoomDetails{Room: room, Participants: people}, afterWrite(err)
}

// afterWrite is the error of a read behind a write that has succeeded.
func afterWrite(err error) error {
	if chat.CodeOf(err) != chat.CodeUnavailable {
		return err
	}
	return fmt.Errorf("%w: %w", chat.Errorf(chat.CodeUnavailable,
		"The change was stored, but the room could not be read back; ask for it with room/get"), err)
}

// detailsAfter is what a device is shown of a group after a change that ended with err.
func (me Member) detailsAfter(ctx context.Context, room chat.Room, err error) (chat.RoomDetails, error) {
	if err != nil {
		return chat.RoomDetails{}, err
	}
	details, err := me.details(ctx, room)
	details.Users = me.withPresence(details.Users)
	return details, err
}

// withPresence shows who of them is online.
func (c *core) withPresence(users []*chat.User) []*chat.User {
	out := make([]*chat.User, len(users))
	for i, u := range users {
		if u != nil && c.live.Online(u.ID) {
			online := *u // what the store hands out is shared
			online.Online = true
			u = &online
		}
		out[i] = u
	}
	return out
}

// roomOf finds a room by its public id for a caller who is in it or was. Strangers are
// refused; what they may not know of does not exist.
func (me Member) roomOf(ctx context.Context, roomID string) (chat.Room, chat.Membership, error) {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok || ref.Type == chat.Personal && !ref.Pair.Has(me.User) {
		return chat.Room{}, chat.Membership{}, chat.Missing(chat.RoomNotFound(), roomID)
	}
	room, member, err := me.store.RoomFor(ctx, me.App.ID, ref, me.User)
	switch {
	case err != nil:
		return room, member, chat.Missing(err, roomID)
	case !member.MayRead():
		return room, member, notParticipant()
	}
	return room, member, nil
}

// writableRoom finds a room that the member may write to.
func (me Member) writableRoom(ctx context.Context, ref chat.RoomRef) (chat.Room, error) {
	room, member, err := me.store.RoomFor(ctx, me.App.ID, ref, me.User)
	switch {
	case err != nil:
		return room, err
	case room.Deleted():
		return room, chat.RoomNotFound()
	case member.Banned:
		return room, errBanned()
	case !member.In:
		return room, notParticipant()
	case room.Locked():
		return room, ErrRoomLocked
	}
	return room, mayWrite(room, member, me.now().UnixMilli())
}

// emptyIfPersonal forgives that a personal room of the member's does not exist yet.
func (me Member) emptyIfPersonal(roomID string, err error) error {
	ref, ok := chat.ParseRoomID(roomID)
	if chat.CodeOf(err) == chat.CodeNotFound && ok && ref.Type == chat.Personal && ref.Pair.Has(me.User) {
		return nil
	}
	return err
}

func notParticipant() error {
	return chat.Errorf(chat.CodeForbidden, "You are not a participant of this room")
}
