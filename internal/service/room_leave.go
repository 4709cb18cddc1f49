package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// LeaveGroup takes the member out of a group. left is false, and nothing has happened,
// for the group's last admin.
func (me Member) LeaveGroup(ctx context.Context, roomID string) (left bool, err error) {
	room, _, err := me.roomOf(ctx, roomID)
	if err != nil {
		return false, err
	}
	if room.Type == chat.Personal {
		return false, chat.Errorf(chat.CodeForbidden, "A personal room cannot be left")
	}
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		left = false
		room, member, err := tx.RoomForUpdateFor(ctx, me.App.ID, room.ID, me.User)
		switch {
		case err != nil:
			return err
		case room.Deleted():
			return chat.RoomNotFound()
		case !member.In:
			return notParticipant()
		}
		if member.Admin {
			admins, err := tx.AdminCount(ctx, room.ID)
			if err != nil || admins < 2 {
				return err
			}
		}
		gone, err := tx.RemoveParticipants(ctx, room.ID, []chat.UserID{me.User})
		if err != nil || len(gone) == 0 {
			return errOr(err, chat.Errorf(chat.CodeForbidden, "You are in this room by your role and cannot leave it"))
		}
		at, err := me.speaker().post(ctx, tx, room, chat.Notice{Kind: chat.NoticeParticipantLeft})
		if err != nil {
			return err
		}
		left = true
		if err := recordPeople(ctx, tx, chat.FeedParticipantRemoved, room, me.User, gone); err != nil {
			return err
		}
		return leave(ctx, tx, room, gone, at)
	})
	return left, err
}

// leave notes what the last message is that those who have left may see, and has their
// devices told of all before it.
func leave(ctx context.Context, tx *store.Tx, room chat.Room, users []chat.UserID, last int64) error {
	if err := tx.SetLeft(ctx, room.ID, users, last); err != nil {
		return err
	}
	return tx.Announce(ctx, &chat.ParticipantsLeft{Place: room.Place(), Users: users})
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
