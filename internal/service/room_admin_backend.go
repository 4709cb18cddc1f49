package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// SetAdmins makes users the admins of a room in place of those it had; nobody is an option, too.
// nil changes nothing. Only who was put into the room by name can be one: skipped names the others,
// and the ids that nobody has. admins are those that the room has then, of very many the first.
func (b Backend) SetAdmins(ctx context.Context, name RoomName, xcUsers []string) (admins, skipped []string, err error) {
	users, unknown, err := b.findPeople(ctx, b.app.ID, xcUsers)
	if err != nil {
		return nil, nil, err
	}
	err = b.changeRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		named, err := tx.NamedAmong(ctx, room.ID, idsOf(users))
		if err != nil {
			return err
		}
		if xcUsers == nil {
			admins, err = b.adminsOf(ctx, tx, room)
			return err
		}
		admins, skipped = nil, append([]string(nil), unknown...)
		var wanted []chat.UserID
		for _, u := range users {
			if !named[u.ID] {
				skipped = append(skipped, u.XCID)
				continue
			}
			admins, wanted = append(admins, u.XCID), append(wanted, u.ID)
		}
		demoted, err := tx.OtherAdmins(ctx, room.ID, wanted)
		if err != nil {
			return err
		}
		if err := b.changeAdmins(ctx, tx, room, demoted, false); err != nil {
			return err
		}
		return b.changeAdmins(ctx, tx, room, wanted, true)
	}, &admins, &skipped)
	return admins, skipped, err
}

// adminsOf are the room's admins, by the customer's ids.
func (b Backend) adminsOf(ctx context.Context, tx *store.Tx, room chat.Room) (xcs []string, err error) {
	ids, err := tx.OtherAdmins(ctx, room.ID, nil)
	if err != nil {
		return nil, err
	}
	ids = ids[:min(len(ids), chat.MaxListedAdmins)]
	people, err := tx.Targets(ctx, ids)
	for _, id := range ids {
		xcs = append(xcs, people[id].XCID)
	}
	return xcs, err
}

// changeAdmins gives or takes the admin right, and tells the room.
func (b Backend) changeAdmins(ctx context.Context, tx *store.Tx, room chat.Room, users []chat.UserID, admin bool) error {
	changed, err := tx.SetAdmins(ctx, room.ID, users, admin)
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		return nil
	}
	if err := b.tellOfAdmins(ctx, tx, room, changed, admin); err != nil {
		return err
	}
	return record(ctx, tx, chat.FeedParticipantUpdated, room, 0, chat.FeedData{Users: changed, Admin: admin})
}

// tellOfAdmins tells a room who is an admin now, or no longer.
func (b Backend) tellOfAdmins(ctx context.Context, tx *store.Tx, room chat.Room, changed []chat.UserID, admin bool) error {
	if len(changed) > maxNotices {
		return b.speaker().notify(ctx, tx, room, chat.Notice{Kind: chat.NoticeRoomUpdated})
	}
	people, err := tx.Targets(ctx, changed)
	if err != nil {
		return err
	}
	kind := chat.NoticeAdminPromoted
	if !admin {
		kind = chat.NoticeAdminDemoted
	}
	for _, id := range changed {
		if err := b.speaker().notify(ctx, tx, room, chat.Notice{Kind: kind, Target: people[id]}); err != nil {
			return err
		}
	}
	return nil
}
