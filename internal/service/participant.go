package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// maxNotices is how many people can join or leave in one call and have a system message
// each. A larger crowd gets one message for all: thousands would bury the room's talk.
const maxNotices = 100

// participantChange is a change of participants and how the room tells of it.
type participantChange struct {
	change    func(*store.Tx, context.Context, chat.RoomID, []chat.UserID) ([]chat.UserID, error)
	one, many chat.NoticeKind
	event     chat.FeedKind
	leaves    bool // those concerned are gone afterwards
}

var (
	joining = participantChange{
		change: (*store.Tx).AddParticipants,
		one:    chat.NoticeParticipantAdded, many: chat.NoticeParticipantsAdded, event: chat.FeedParticipantAdded,
	}
	leaving = participantChange{
		change: (*store.Tx).RemoveParticipants, leaves: true, event: chat.FeedParticipantRemoved,
		one: chat.NoticeParticipantRemoved, many: chat.NoticeParticipantsRemoved,
	}
)

// AddParticipants puts users into the room by name. Those who are in it already stay as
// they are; skipped names the ids that nobody has, and those who are banned.
func (b Backend) AddParticipants(
	ctx context.Context, name RoomName, xcUsers []string,
) (chat.RoomDetails, []string, error) {
	return b.changeParticipants(ctx, name, xcUsers, joining)
}

// RemoveParticipants takes users out whom their name put in. Whom a role holds in the
// room stays; skipped names the ids that nobody has.
func (b Backend) RemoveParticipants(
	ctx context.Context, name RoomName, xcUsers []string,
) (chat.RoomDetails, []string, error) {
	return b.changeParticipants(ctx, name, xcUsers, leaving)
}

func (b Backend) changeParticipants(
	ctx context.Context, name RoomName, xcUsers []string, how participantChange,
) (details chat.RoomDetails, skipped []string, err error) {
	room, err := b.liveRoom(ctx, name)
	if err != nil {
		return details, nil, err
	}
	ids, skipped, err := b.findUsers(ctx, b.app.ID, xcUsers)
	if err != nil {
		return details, nil, err
	}
	users, err := b.store.Users(ctx, b.app.ID, ids)
	if err != nil {
		return details, nil, err
	}
	var banned []string
	err = b.changeRoom(ctx, name, func(ctx context.Context, tx *store.Tx, now chat.Room) (err error) {
		room, banned = now, nil
		if err := how.apply(ctx, tx, b.speaker(), room, users); err != nil || how.leaves {
			return err
		}
		banned, err = keptOut(ctx, tx, room, users)
		return err
	}, &room, &banned)
	if err != nil {
		return details, nil, err
	}
	details, err = b.details(ctx, room)
	return details, append(skipped, banned...), err
}

// AddParticipants puts users into a group; ids that nobody has are passed over.
func (me Member) AddParticipants(ctx context.Context, roomID string, ids []chat.UserID) (chat.RoomDetails, error) {
	return me.changeParticipants(ctx, roomID, ids, joining)
}

// RemoveParticipants takes users out of a group. The last admin stays.
func (me Member) RemoveParticipants(ctx context.Context, roomID string, ids []chat.UserID) (chat.RoomDetails, error) {
	return me.changeParticipants(ctx, roomID, ids, leaving)
}

func (me Member) changeParticipants(
	ctx context.Context, roomID string, ids []chat.UserID, how participantChange,
) (chat.RoomDetails, error) {
	users, err := me.liveUsers(ctx, me.App.ID, ids)
	if err != nil {
		return chat.RoomDetails{}, err
	}
	room, err := me.changeGroup(ctx, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if err := how.apply(ctx, tx, me.speaker(), room, users); err != nil {
			return err
		}
		if how.leaves {
			return needsAdmin(ctx, tx, room)
		}
		if n, err := tx.ParticipantCount(ctx, room.ID); err != nil || n > MaxGroup {
			return errOr(err, chat.Invalid("userIDs", "must leave the group with at most %d participants", MaxGroup))
		}
		return nil
	})
	return me.detailsAfter(ctx, room, err)
}

// apply changes who is in a room that is held for update, and tells the room.
func (how participantChange) apply(
	ctx context.Context, tx *store.Tx, by speaker, room chat.Room, users []*chat.User,
) error {
	ids := make([]chat.UserID, len(users))
	people := make(map[chat.UserID]*chat.User, len(users))
	for i, u := range users {
		ids[i], people[u.ID] = u.ID, u
	}
	if err := tx.HoldNamed(ctx, namedUsers(users)); err != nil {
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
	last, err := how.announce(ctx, tx, by, room, seen)
	if err == nil {
		err = recordPeople(ctx, tx, how.event, room, by.member(), idsOf(seen))
	}
	if err != nil || !how.leaves || len(changed) == 0 {
		return err
	}
	return leave(ctx, tx, room, changed, last)
}

// announce tells the room of people who came or went and returns the time of the last
// message that it wrote for it, 0 if none.
func (how participantChange) announce(
	ctx context.Context, tx *store.Tx, by speaker, room chat.Room, people []*chat.User,
) (last int64, err error) {
	if len(people) > maxNotices {
		return by.post(ctx, tx, room, chat.Notice{Kind: how.many, Count: len(people)})
	}
	for _, u := range people {
		last, err = by.post(ctx, tx, room, chat.Notice{Kind: how.one, Target: targetOf(u)})
		if err != nil {
			return 0, err
		}
	}
	return last, nil
}

func targetOf(u *chat.User) chat.Target {
	return chat.Target{User: u.ID, XCID: u.XCID, Name: u.Fullname}
}
