package service

import (
	"context"
	"encoding/json"

	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/store"
	"parlor/internal/view"
)

const (
	// maxPins is how many messages a room can have pinned, maxStars how many of a room a
	// user can have starred.
	maxPins  = 100
	maxStars = 1000
	// maxMarked bounds the messages of one call.
	maxMarked = 100
)

// Star keeps messages of a room in the caller's own list, or takes them out, and returns
// the ids of those of them that are messages of the room.
func (s *Service) Star(ctx context.Context, c chat.Caller, roomID string, ids []int64, on bool) ([]chat.MessageID, error) {
	room, member, messages, err := s.markableIn(ctx, c, roomID, ids)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	var done []chat.MessageID
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		done = nil
		for _, m := range messages {
			if member.Last() > 0 && m.CreatedAt > member.Last() {
				continue
			}
			if _, err := tx.MarkMessage(ctx, store.MarkedList{Room: room.ID, User: c.User}, m.ID, on, maxStars); err != nil {
				return err
			}
			done = append(done, m.ID)
		}
		return nil
	})
	return done, err
}

// Pin keeps messages of a room in the list that all of its participants share, or takes
// them out, and returns the ids of those for which that is new. The room is told of each.
func (s *Service) Pin(ctx context.Context, c chat.Caller, roomID string, ids []int64, on bool) ([]chat.MessageID, error) {
	room, _, messages, err := s.markableIn(ctx, c, roomID, ids)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	var done []chat.MessageID
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		done = nil
		room, member, err := tx.RoomForUpdateFor(ctx, c.App.ID, room.ID, c.User)
		switch {
		case err != nil:
			return err
		case room.Deleted() || !member.In:
			return notParticipant()
		case room.Locked():
			return roomLocked()
		}
		for _, m := range messages {
			changed, err := tx.MarkMessage(ctx, store.MarkedList{Room: room.ID}, m.ID, on, maxPins)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			done = append(done, m.ID)
			if err := announcePin(ctx, tx, c, room, m, on); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// announcePin tells the room of a pinned message, with the message itself in its cipher:
// devices decipher it under its own localID.
func announcePin(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, m chat.Message, on bool) error {
	data, err := json.Marshal(map[string]any{
		"messageID": m.ID.String(), "localID": m.LocalID, "body": m.Body, "data": m.Data,
		"createdTime": m.CreatedAt, "type": m.Type, "userID": m.Sender.String(),
	})
	if err != nil {
		return err
	}
	notice := chat.Message{
		App: room.App, Room: room.ID, Type: chat.SystemMessage, LocalID: cipher.NewLocalID(), Sender: c.User,
		Action: chat.ActionPinMessage,
	}
	body := chat.BodyPinned
	if !on {
		notice.Action, notice.Hidden, body = chat.ActionUnpinMessage, true, chat.BodyUnpinned
	}
	if err := seal(&notice, body, string(data)); err != nil {
		return err
	}
	_, err = tx.AppendMessage(ctx, notice)
	return err
}

// markableIn finds those of ids that are messages of a room, neither deleted nor Parlor's own.
func (s *Service) markableIn(ctx context.Context, c chat.Caller, roomID string, ids []int64) (room chat.Room, member chat.Membership, list []chat.Message, err error) {
	if len(ids) > maxMarked {
		return room, member, nil, chat.Invalid("messageIDs", "must have at most %d entries", maxMarked)
	}
	if room, member, err = s.roomOf(ctx, c, roomID); err != nil {
		return room, member, nil, err
	}
	all, err := s.store.MessagesByID(ctx, c.App.ID, ids)
	for _, m := range all {
		if m.Room == room.ID && !m.Deleted() && m.Type != chat.SystemMessage {
			list = append(list, m)
		}
	}
	return room, member, list, err
}

// Starred lists a page of the messages of a room that the caller has starred, and how
// many there are in all.
func (s *Service) Starred(ctx context.Context, c chat.Caller, roomID string, page chat.Page) ([]chat.MessageView, int, error) {
	return s.markedIn(ctx, c, roomID, c.User, page)
}

// Pinned lists a page of the messages that a room has pinned, and how many there are in all.
func (s *Service) Pinned(ctx context.Context, c chat.Caller, roomID string, page chat.Page) ([]chat.MessageView, int, error) {
	return s.markedIn(ctx, c, roomID, 0, page)
}

func (s *Service) markedIn(ctx context.Context, c chat.Caller, roomID string, owner chat.UserID, page chat.Page) ([]chat.MessageView, int, error) {
	room, member, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return nil, 0, emptyIfPersonal(c, roomID, err)
	}
	if !member.In {
		return nil, 0, notParticipant()
	}
	lens, err := view.Open(ctx, s.store, c.App.ID, c.User, &room)
	if err != nil {
		return nil, 0, err
	}
	messages, total, err := s.store.MarkedMessages(ctx, store.MarkedList{Room: room.ID, User: owner}, page)
	if err != nil {
		return nil, 0, err
	}
	views, err := lens.Messages(ctx, messages)
	return views, total, err
}
