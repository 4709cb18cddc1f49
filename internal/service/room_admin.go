package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SetAdmins gives participants of a group the admin right, or takes it from them. The
// last admin keeps it.
func (me Member) SetAdmins(
	ctx context.Context, roomID string, ids []chat.UserID, admin bool,
) (chat.RoomDetails, error) {
	users, err := me.liveUsers(ctx, me.App.ID, ids)
	if err != nil {
		return chat.RoomDetails{}, err
	}
	kind := chat.NoticeAdminPromoted
	if !admin {
		kind = chat.NoticeAdminDemoted
	}
	room, err := me.changeGroup(ctx, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		people := make(map[chat.UserID]*chat.User, len(users))
		for _, u := range users {
			people[u.ID] = u
		}
		if err := tx.HoldNamed(ctx, namedUsers(users)); err != nil {
			return err
		}
		changed, err := tx.SetAdmins(ctx, room.ID, idsOf(users), admin)
		if err != nil {
			return err
		}
		if err := needsAdmin(ctx, tx, room); err != nil {
			return err
		}
		for _, id := range changed {
			if err := me.speaker().notify(ctx, tx, room, chat.Notice{Kind: kind, Target: targetOf(people[id])}); err != nil {
				return err
			}
		}
		if len(changed) == 0 {
			return nil
		}
		return record(ctx, tx, chat.FeedParticipantUpdated, room, me.User, chat.FeedData{Users: changed, Admin: admin})
	})
	return me.detailsAfter(ctx, room, err)
}

// needsAdmin refuses a change that has left a group without an admin.
func needsAdmin(ctx context.Context, tx *store.Tx, room chat.Room) error {
	n, err := tx.AdminCount(ctx, room.ID)
	if err != nil || n > 0 {
		return err
	}
	return chat.Errorf(chat.CodeForbidden, "A group needs an admin; make somebody else one first")
}
