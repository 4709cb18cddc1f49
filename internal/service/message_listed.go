package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

// maxListed bounds the messages that one call puts into a list, or takes out of it.
const maxListed = 100

// listedIn shows a page of the list of a room's messages that owner keeps; 0 is the room itself.
func (me Member) listedIn(
	ctx context.Context, roomID string, owner chat.UserID, page chat.Page,
) ([]chat.MessageView, int, error) {
	room, member, err := me.roomOf(ctx, roomID)
	if err != nil {
		return nil, 0, me.emptyIfPersonal(roomID, err)
	}
	if !member.In {
		return nil, 0, notParticipant()
	}
	lens, err := view.Open(ctx, me.store, me.App.ID, me.User, &room)
	if err != nil {
		return nil, 0, err
	}
	messages, total, err := me.store.Listed(ctx, store.MessageList{Room: room.ID, User: owner}, page)
	if err != nil {
		return nil, 0, err
	}
	views, err := lens.Messages(ctx, messages)
	return views, total, err
}

// listableIn finds those of ids that are messages of a room, neither deleted nor Parlor's own.
func (me Member) listableIn(
	ctx context.Context, roomID string, ids []int64,
) (room chat.Room, member chat.Membership, list []chat.Message, err error) {
	if len(ids) > maxListed {
		return room, member, nil, chat.Invalid("messageIDs", "must have at most %d entries", maxListed)
	}
	if room, member, err = me.roomOf(ctx, roomID); err != nil {
		return room, member, nil, err
	}
	all, err := me.store.MessagesByID(ctx, me.App.ID, ids)
	for _, m := range all {
		if m.Room == room.ID && m.VisibleTo(me.User) && !m.Deleted() && m.Type != chat.SystemMessage {
			list = append(list, m)
		}
	}
	return room, member, list, err
}
