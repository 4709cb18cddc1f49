package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// maxBookmarks is how many messages of a room a user can have bookmarked.
const maxBookmarks = 1000

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
