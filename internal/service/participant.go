package service

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// maxNotices is how many people can join or leave in one call and have a system message
// each. A larger crowd gets one message for all: thousands would bury the room's talk.
const maxNotices = 100

// AddParticipants puts users into the room by name. Those who are in it already stay as
// they are; skipped names the ids that nobody has.
func (s *Service) AddParticipants(ctx context.Context, c chat.Caller, xcRoom string, xcUsers []string) (chat.RoomDetails, []string, error) {
	return s.changeParticipants(ctx, c, xcRoom, xcUsers, crowd{
		change: (*store.Tx).AddParticipants,
		action: chat.ActionAddParticipant, one: chat.BodyAddedTarget, many: "{{sender}} added %d participants to the group",
	})
}

// RemoveParticipants takes users out whom their name put in. Whom a role holds in the
// room stays; skipped names the ids that nobody has.
func (s *Service) RemoveParticipants(ctx context.Context, c chat.Caller, xcRoom string, xcUsers []string) (chat.RoomDetails, []string, error) {
	return s.changeParticipants(ctx, c, xcRoom, xcUsers, crowd{
		change: (*store.Tx).RemoveParticipants,
		action: chat.ActionRemoveParticipant, one: chat.BodyRemovedTarget, many: "{{sender}} removed %d participants from the group",
	})
}

// crowd is a change of participants and how the room tells of it.
type crowd struct {
	change    func(*store.Tx, context.Context, chat.RoomID, []chat.UserID) ([]chat.UserID, error)
	action    chat.Action
	one, many string
}

func (s *Service) changeParticipants(ctx context.Context, c chat.Caller, xcRoom string, xcUsers []string, how crowd) (details chat.RoomDetails, skipped []string, err error) {
	room, err := s.store.Room(ctx, c.App.ID, xcRoom)
	if err != nil {
		return details, nil, err
	}
	ids, skipped, err := s.findUsers(ctx, c.App.ID, xcUsers)
	if err != nil {
		return details, nil, err
	}
	users, err := s.store.Users(ctx, c.App.ID, ids)
	if err != nil {
		return details, nil, err
	}
	people := make(map[chat.UserID]*chat.User, len(users))
	for i, id := range ids {
		people[id] = users[i]
	}
	err = s.store.Write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		var err error
		if room, err = tx.LiveRoomForUpdate(ctx, c.App.ID, xcRoom); err != nil {
			return err
		}
		changed, err := how.change(tx, ctx, room.ID, ids)
		if err != nil {
			return err
		}
		// For somebody whom a role holds in the room nothing changes that anybody can see.
		held, err := tx.InByRole(ctx, room.ID, changed)
		if err != nil {
			return err
		}
		var seen []*chat.User
		for _, id := range changed {
			if !held[id] {
				seen = append(seen, people[id])
			}
		}
		return how.announce(ctx, tx, c, room, seen)
	})
	if err != nil {
		return details, nil, err
	}
	details, err = s.details(ctx, room)
	return details, skipped, err
}

func (how crowd) announce(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, people []*chat.User) error {
	if len(people) > maxNotices {
		return announce(ctx, tx, c, room, chat.ActionUpdateRoom, fmt.Sprintf(how.many, len(people)))
	}
	for _, u := range people {
		err := appendSystem(ctx, tx, c, room, systemMessage{
			action: how.action, body: how.one,
			target: chat.Target{User: u.ID, XCID: u.XCID, Name: u.Fullname},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
