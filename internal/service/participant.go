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

// crowd is a change of participants and how the room tells of it.
type crowd struct {
	change    func(*store.Tx, context.Context, chat.RoomID, []chat.UserID) ([]chat.UserID, error)
	action    chat.Action
	one, many string
	leaves    bool // those concerned are gone afterwards
}

var (
	joining = crowd{
		change: (*store.Tx).AddParticipants,
		action: chat.ActionAddParticipant, one: chat.BodyAddedTarget, many: "{{sender}} added %d participants to the group",
	}
	leaving = crowd{
		change: (*store.Tx).RemoveParticipants, leaves: true,
		action: chat.ActionRemoveParticipant, one: chat.BodyRemovedTarget, many: "{{sender}} removed %d participants from the group",
	}
)

// AddParticipants puts users into the room by name. Those who are in it already stay as
// they are; skipped names the ids that nobody has.
func (s *Service) AddParticipants(ctx context.Context, c chat.Caller, xcRoom string, xcUsers []string) (chat.RoomDetails, []string, error) {
	return s.changeParticipants(ctx, c, xcRoom, xcUsers, joining)
}

// RemoveParticipants takes users out whom their name put in. Whom a role holds in the
// room stays; skipped names the ids that nobody has.
func (s *Service) RemoveParticipants(ctx context.Context, c chat.Caller, xcRoom string, xcUsers []string) (chat.RoomDetails, []string, error) {
	return s.changeParticipants(ctx, c, xcRoom, xcUsers, leaving)
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
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		var err error
		if room, err = tx.LiveRoomForUpdate(ctx, c.App.ID, xcRoom); err != nil {
			return err
		}
		return how.apply(ctx, tx, c, room, users)
	})
	if err != nil {
		return details, nil, err
	}
	details, err = s.details(ctx, room)
	return details, skipped, err
}

// apply changes who is in a room that is held for update, and tells the room.
func (how crowd) apply(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, users []*chat.User) error {
	ids := make([]chat.UserID, len(users))
	people := make(map[chat.UserID]*chat.User, len(users))
	for i, u := range users {
		ids[i], people[u.ID] = u.ID, u
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
	last, err := how.announce(ctx, tx, c, room, seen)
	if err != nil || !how.leaves || len(changed) == 0 {
		return err
	}
	return leave(ctx, tx, room, changed, last)
}

// leave notes what the last message is that those who have left may see, and has their
// devices told of all before it.
func leave(ctx context.Context, tx *store.Tx, room chat.Room, users []chat.UserID, last int64) error {
	if err := tx.MarkLeft(ctx, room.ID, users, last); err != nil {
		return err
	}
	return tx.Announce(ctx, &chat.ParticipantsLeft{Place: room.Place(), Users: users})
}

// announce tells the room of people who came or went and returns the time of the last
// message that it wrote for it, 0 if none.
func (how crowd) announce(ctx context.Context, tx *store.Tx, c chat.Caller, room chat.Room, people []*chat.User) (last int64, err error) {
	if len(people) > maxNotices {
		m, err := appendSystem(ctx, tx, c, room, systemMessage{
			sender: c.User, action: chat.ActionUpdateRoom, body: fmt.Sprintf(how.many, len(people)),
		})
		return m.CreatedAt, err
	}
	for _, u := range people {
		m, err := appendSystem(ctx, tx, c, room, systemMessage{
			sender: c.User, action: how.action, body: how.one, target: targetOf(u),
		})
		if err != nil {
			return 0, err
		}
		last = m.CreatedAt
	}
	return last, nil
}

func targetOf(u *chat.User) chat.Target {
	return chat.Target{User: u.ID, XCID: u.XCID, Name: u.Fullname}
}
