package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxGroup is how many participants a group can have when users of SDKs fill it. The
// customer's own server may go beyond.
const MaxGroup = 1000

// CreateGroup makes a group of the member's with other users in it. The member is its
// admin. Ids that nobody has are passed over.
func (me Member) CreateGroup(ctx context.Context, name string, ids []chat.UserID) (chat.RoomDetails, error) {
	users, err := me.liveUsers(ctx, me.App.ID, append([]chat.UserID{me.User}, ids...))
	if err != nil {
		return chat.RoomDetails{}, err
	}
	if len(users) > MaxGroup {
		return chat.RoomDetails{}, chat.Invalid("userIDs", "must leave the group with at most %d participants", MaxGroup)
	}
	people := make([]chat.UserID, len(users))
	for i, u := range users {
		people[i] = u.ID
	}
	var room chat.Room
	err = me.write(ctx, shardOf(me.App.ID, "user", me.User.String()), func(ctx context.Context, tx *store.Tx) (err error) {
		if room, err = tx.CreateRoom(ctx, chat.Room{App: me.App.ID, Type: chat.Group, Name: name}); err != nil {
			return err
		}
		if _, err = tx.AddParticipants(ctx, room.ID, people); err != nil {
			return err
		}
		if _, err = tx.SetAdmins(ctx, room.ID, []chat.UserID{me.User}, true); err != nil {
			return err
		}
		if err := tx.RecordRoomOpened(ctx, room, me.User, people); err != nil {
			return err
		}
		return me.speaker().notify(ctx, tx, room, chat.Notice{Kind: chat.NoticeRoomCreated, Name: name})
	})
	return me.detailsAfter(ctx, room, err)
}

// changeGroup runs do on a group of which the member is an admin.
func (me Member) changeGroup(ctx context.Context, roomID string,
	do func(ctx context.Context, tx *store.Tx, room chat.Room) error,
) (chat.Room, error) {
	room, _, err := me.roomOf(ctx, roomID)
	if err != nil {
		return room, err
	}
	if room.Type == chat.Personal {
		return room, chat.Errorf(chat.CodeForbidden, "A personal room cannot be changed")
	}
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		var member chat.Membership
		var err error
		room, member, err = tx.RoomForUpdateFor(ctx, me.App.ID, room.ID, me.User)
		switch {
		case err != nil:
			return err
		case room.Deleted():
			return chat.RoomNotFound()
		case !member.In:
			return notParticipant()
		case !member.Admin:
			return errNotAdmin()
		}
		return do(ctx, tx, room)
	})
	return room, err
}

func errNotAdmin() error {
	return chat.Errorf(chat.CodeForbidden, "Only an admin of the group may do this")
}

// RenameGroup gives a group another name.
func (me Member) RenameGroup(ctx context.Context, roomID, name string) (chat.Room, error) {
	var renamed chat.Room
	_, err := me.changeGroup(ctx, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) (err error) {
		renamed = room
		if room.Name == name {
			return nil
		}
		renamed.Name = name
		if renamed, err = tx.UpdateRoom(ctx, renamed); err != nil {
			return err
		}
		return me.roomUpdated(ctx, tx, renamed)
	})
	return renamed, err
}

// roomUpdated tells the room and the backend that the member has changed it.
func (me Member) roomUpdated(ctx context.Context, tx *store.Tx, room chat.Room) error {
	if err := me.speaker().notify(ctx, tx, room, chat.Notice{Kind: chat.NoticeRoomUpdated}); err != nil {
		return err
	}
	return record(ctx, tx, chat.FeedRoomUpdated, room, me.User, chat.FeedData{})
}

// DeleteGroup deletes a group for everybody. confirm is asked whether that is
// meant, before anything happens. deleted is false where the room was deleted before.
func (me Member) DeleteGroup(
	ctx context.Context, roomID string, confirm func(chat.Room) error,
) (deleted bool, err error) {
	room, _, err := me.roomOf(ctx, roomID)
	if err != nil {
		return false, err
	}
	if room.Deleted() {
		return false, nil
	}
	if err := confirm(room); err != nil {
		return false, err
	}
	_, err = me.changeGroup(ctx, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		return deleteRoom(ctx, tx, me.speaker(), room)
	})
	return err == nil, err
}
