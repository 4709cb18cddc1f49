package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

const (
	// maxPins is how many messages a room can have pinned, maxBookmarks how many of a room a
	// user can have bookmarked.
	maxPins      = 100
	maxBookmarks = 1000
	// maxListed bounds the messages of one call.
	maxListed = 100
)

// Bookmark keeps messages of a room in the member's own list, or takes them out, and returns
// the ids of those of them that are messages of the room.
func (me Member) Bookmark(ctx context.Context, roomID string, ids []int64, on bool) ([]chat.MessageID, error) {
	room, member, messages, err := me.listableIn(ctx, roomID, ids)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	var done []chat.MessageID
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		done = nil
		for _, m := range messages {
			if member.Last() > 0 && m.CreatedAt > member.Last() {
				continue
			}
			if _, err := tx.SetListed(ctx, store.MessageList{Room: room.ID, User: me.User}, m.ID, on, maxBookmarks); err != nil {
				return err
			}
			done = append(done, m.ID)
		}
		return nil
	})
	return done, err
}

// Bookmarked lists a page of the messages of a room that the member has bookmarked, and how
// many there are in all.
func (me Member) Bookmarked(ctx context.Context, roomID string, page chat.Page) ([]chat.MessageView, int, error) {
	return me.listedIn(ctx, roomID, me.User, page)
}

// Pinned lists a page of the messages that a room has pinned, and how many there are in all.
func (me Member) Pinned(ctx context.Context, roomID string, page chat.Page) ([]chat.MessageView, int, error) {
	return me.listedIn(ctx, roomID, 0, page)
}

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
		if m.Room == room.ID && !m.Deleted() && m.Type != chat.SystemMessage {
			list = append(list, m)
		}
	}
	return room, member, list, err
}
