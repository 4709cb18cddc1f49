package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// maxPins is how many messages a room can have pinned.
const maxPins = 100

// Pin keeps messages of a room in the list that all of its participants share, or takes
// them out, and returns the ids of those for which that is new. The room is told of each.
func (me Member) Pin(ctx context.Context, roomID string, ids []int64, on bool) ([]chat.MessageID, error) {
	room, _, messages, err := me.listableIn(ctx, roomID, ids)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	var done []chat.MessageID
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		done = nil
		room, member, err := tx.RoomForUpdateFor(ctx, me.App.ID, room.ID, me.User)
		switch {
		case err != nil:
			return err
		case room.Deleted() || !member.In:
			return notParticipant()
		case room.Locked():
			return ErrRoomLocked
		case mayWrite(room, member, tx.Now()) != nil:
			return mayWrite(room, member, tx.Now())
		case room.Blocks != 0 && room.BlockedBy(me.User):
			return errBlocked()
		case room.Blocks != 0:
			return nil // what the others would be told is withheld, and so is that it was
		}
		for _, m := range messages {
			// As it is with the room in hand: the room is told what it says.
			m, err := tx.MessageForUpdate(ctx, me.App.ID, m.ID)
			switch {
			case chat.CodeOf(err) == chat.CodeNotFound || err == nil && m.Deleted():
				continue
			case err != nil:
				return err
			}
			changed, err := tx.SetListed(ctx, store.MessageList{Room: room.ID}, m.ID, on, maxPins)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			done = append(done, m.ID)
			n := chat.Notice{Kind: chat.NoticeMessagePinned, Message: &m}
			if !on {
				n.Kind, n.Hidden = chat.NoticeMessageUnpinned, true
			}
			if err := me.speaker().notify(ctx, tx, room, n); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// Pinned lists a page of the messages that a room has pinned, and how many there are in all.
func (me Member) Pinned(ctx context.Context, roomID string, page chat.Page) ([]chat.MessageView, int, error) {
	return me.listedIn(ctx, roomID, 0, page)
}
