package service

import (
	"context"
	"crypto/md5" //nolint:gosec // G501: the SDKs' checksum against slips, not against anybody
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// shardOfRef is the shard of a room that an SDK names.
func (s *Service) shardOfRef(ctx context.Context, app chat.AppID, ref chat.RoomRef) (int64, error) {
	room, err := s.store.RoomByRef(ctx, app, ref)
	return shardOfRoom(room), err
}

func (s *Service) shardOfRoomID(ctx context.Context, c chat.Caller, id chat.RoomID) (int64, error) {
	room, err := s.store.RoomByID(ctx, c.App.ID, id)
	return shardOfRoom(room), err
}

// roomOf finds a room by its public id for a caller who is in it or was. Strangers are
// refused; what they may not know of does not exist.
func (s *Service) roomOf(ctx context.Context, c chat.Caller, roomID string) (chat.Room, chat.Membership, error) {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok || ref.Type == chat.Personal && !ref.Pair.Has(c.User) {
		return chat.Room{}, chat.Membership{}, chat.Missing(chat.RoomNotFound(), roomID)
	}
	room, member, err := s.store.RoomFor(ctx, c.App.ID, ref, c.User)
	switch {
	case err != nil:
		return room, member, chat.Missing(err, roomID)
	case !member.MayRead():
		return room, member, notParticipant()
	}
	return room, member, nil
}

// CreateGroup makes a group of the caller's with other users in it. The caller is its
// admin. Ids that nobody has are passed over.
func (s *Service) CreateGroup(ctx context.Context, c chat.Caller, name string, ids []chat.UserID) (chat.RoomDetails, error) {
	users, err := s.liveUsers(ctx, c.App.ID, append([]chat.UserID{c.User}, ids...))
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
	err = s.write(ctx, c, shardOf(c.App.ID, "user", c.User.String()), func(ctx context.Context, tx *store.Tx) (err error) {
		if room, err = tx.CreateRoom(ctx, chat.Room{App: c.App.ID, Type: chat.Group, Name: name}); err != nil {
			return err
		}
		if _, err = tx.AddParticipants(ctx, room.ID, people); err != nil {
			return err
		}
		if _, err = tx.SetAdmins(ctx, room.ID, []chat.UserID{c.User}, true); err != nil {
			return err
		}
		return announce(ctx, tx, c, room, chat.ActionCreateRoom, chat.BodyCreatedRoom(name))
	})
	return s.detailsAfter(ctx, room, err)
}

// liveUsers finds those of ids that are users, each once and in the given order.
func (s *Service) liveUsers(ctx context.Context, app chat.AppID, ids []chat.UserID) ([]*chat.User, error) {
	seen := make(map[chat.UserID]bool, len(ids))
	ids = slices.DeleteFunc(slices.Clone(ids), func(id chat.UserID) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
	users, err := s.store.Users(ctx, app, ids)
	return slices.DeleteFunc(users, func(u *chat.User) bool {
		return u == nil || u.DeletedAt > 0 || u.XCID == "" // the App's own user is nobody's company
	}), err
}

// RoomForClient returns a room to somebody who is in it, with its participants and, where
// it is a personal one, the partner. A personal room that nobody has written in yet is
// CodeNotFound.
func (s *Service) RoomForClient(ctx context.Context, c chat.Caller, roomID string) (details chat.RoomDetails, partner *chat.User, err error) {
	room, member, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return details, nil, err
	}
	return s.detailsFor(ctx, c, room, member)
}

// RoomByXCIDForClient is RoomForClient by the customer's id.
func (s *Service) RoomByXCIDForClient(ctx context.Context, c chat.Caller, xcRoom string) (chat.RoomDetails, *chat.User, error) {
	room, err := s.store.Room(ctx, c.App.ID, xcRoom)
	if err != nil {
		return chat.RoomDetails{}, nil, err
	}
	return s.RoomForClient(ctx, c, room.PublicID())
}

func (s *Service) detailsFor(ctx context.Context, c chat.Caller, room chat.Room, member chat.Membership) (details chat.RoomDetails, partner *chat.User, err error) {
	if room.Deleted() {
		return details, nil, chat.RoomNotFound()
	}
	if !member.In {
		return details, nil, notParticipant()
	}
	if room.Type == chat.Personal {
		if partner, err = s.store.User(ctx, c.App.ID, room.Pair.Other(c.User)); err != nil {
			return details, nil, err
		}
	}
	details, err = s.details(ctx, room)
	details.Users = s.withPresence(details.Users)
	return details, partner, err
}

// withPresence shows who of them is online.
func (s *Service) withPresence(users []*chat.User) []*chat.User {
	out := make([]*chat.User, len(users))
	for i, u := range users {
		if u != nil && s.live.Online(u.ID) {
			online := *u // what the store hands out is shared
			online.Online = true
			u = &online
		}
		out[i] = u
	}
	return out
}

// changeGroup runs do on a group of which the caller is an admin.
func (s *Service) changeGroup(ctx context.Context, c chat.Caller, roomID string,
	do func(ctx context.Context, tx *store.Tx, room chat.Room) error,
) (chat.Room, error) {
	room, _, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return room, err
	}
	if room.Type == chat.Personal {
		return room, chat.Errorf(chat.CodeForbidden, "A personal room cannot be changed")
	}
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		var member chat.Membership
		var err error
		room, member, err = tx.RoomForUpdateFor(ctx, c.App.ID, room.ID, c.User)
		switch {
		case err != nil:
			return err
		case room.Deleted():
			return chat.RoomNotFound()
		case !member.In:
			return notParticipant()
		case !member.Admin:
			return chat.Errorf(chat.CodeForbidden, "Only an admin of the group may do this")
		}
		return do(ctx, tx, room)
	})
	return room, err
}

// RenameGroup gives a group another name.
func (s *Service) RenameGroup(ctx context.Context, c chat.Caller, roomID, name string) (chat.Room, error) {
	var renamed chat.Room
	_, err := s.changeGroup(ctx, c, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) (err error) {
		renamed = room
		if room.Name == name {
			return nil
		}
		renamed.Name = name
		if renamed, err = tx.UpdateRoom(ctx, renamed); err != nil {
			return err
		}
		return announce(ctx, tx, c, renamed, chat.ActionUpdateRoom, chat.BodyUpdatedRoom)
	})
	return renamed, err
}

// AddToGroup puts users into a group; ids that nobody has are passed over.
func (s *Service) AddToGroup(ctx context.Context, c chat.Caller, roomID string, ids []chat.UserID) (chat.RoomDetails, error) {
	return s.changeCrowd(ctx, c, roomID, ids, joining)
}

// RemoveFromGroup takes users out of a group. The last admin stays.
func (s *Service) RemoveFromGroup(ctx context.Context, c chat.Caller, roomID string, ids []chat.UserID) (chat.RoomDetails, error) {
	return s.changeCrowd(ctx, c, roomID, ids, leaving)
}

func (s *Service) changeCrowd(ctx context.Context, c chat.Caller, roomID string, ids []chat.UserID, how crowd) (chat.RoomDetails, error) {
	users, err := s.liveUsers(ctx, c.App.ID, ids)
	if err != nil {
		return chat.RoomDetails{}, err
	}
	room, err := s.changeGroup(ctx, c, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if err := how.apply(ctx, tx, c, room, users); err != nil {
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
	return s.detailsAfter(ctx, room, err)
}

// detailsAfter is what a device is shown of a group after a change that ended with err.
func (s *Service) detailsAfter(ctx context.Context, room chat.Room, err error) (chat.RoomDetails, error) {
	if err != nil {
		return chat.RoomDetails{}, err
	}
	details, err := s.details(ctx, room)
	details.Users = s.withPresence(details.Users)
	return details, err
}

// SetAdmins gives participants of a group the admin right, or takes it from them. The
// last admin keeps it.
func (s *Service) SetAdmins(ctx context.Context, c chat.Caller, roomID string, ids []chat.UserID, admin bool) (chat.RoomDetails, error) {
	users, err := s.liveUsers(ctx, c.App.ID, ids)
	if err != nil {
		return chat.RoomDetails{}, err
	}
	action, body := chat.ActionPromoteAdmin, chat.BodyPromotedTarget
	if !admin {
		action, body = chat.ActionDemoteAdmin, chat.BodyDemotedTarget
	}
	room, err := s.changeGroup(ctx, c, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		people := make(map[chat.UserID]*chat.User, len(users))
		named := make([]chat.UserID, len(users))
		for i, u := range users {
			named[i], people[u.ID] = u.ID, u
		}
		changed, err := tx.SetAdmins(ctx, room.ID, named, admin)
		if err != nil {
			return err
		}
		if err := needsAdmin(ctx, tx, room); err != nil {
			return err
		}
		for _, id := range changed {
			if _, err := appendSystem(ctx, tx, c, room, systemMessage{
				sender: c.User, action: action, body: body, target: targetOf(people[id]),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return s.detailsAfter(ctx, room, err)
}

// needsAdmin refuses a change that has left a group without an admin.
func needsAdmin(ctx context.Context, tx *store.Tx, room chat.Room) error {
	n, err := tx.AdminCount(ctx, room.ID)
	if err != nil || n > 0 {
		return err
	}
	return chat.Errorf(chat.CodeForbidden, "A group needs an admin; make somebody else one first")
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// LeaveGroup takes the caller out of a group. left is false, and nothing has happened,
// for the group's last admin.
func (s *Service) LeaveGroup(ctx context.Context, c chat.Caller, roomID string) (left bool, err error) {
	room, _, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return false, err
	}
	if room.Type == chat.Personal {
		return false, chat.Errorf(chat.CodeForbidden, "A personal room cannot be left")
	}
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		left = false
		room, member, err := tx.RoomForUpdateFor(ctx, c.App.ID, room.ID, c.User)
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
		gone, err := tx.RemoveParticipants(ctx, room.ID, []chat.UserID{c.User})
		if err != nil || len(gone) == 0 {
			return errOr(err, chat.Errorf(chat.CodeForbidden, "You are in this room by your role and cannot leave it"))
		}
		m, err := appendSystem(ctx, tx, c, room, systemMessage{sender: c.User, action: chat.ActionLeaveRoom, body: chat.BodyLeft})
		if err != nil {
			return err
		}
		left = true
		return leave(ctx, tx, room, gone, m.CreatedAt)
	})
	return left, err
}

// DeleteGroup deletes a group for everybody. checksum is what SDKs make of the room, the
// caller and the token in use. deleted is false where the room was deleted before.
func (s *Service) DeleteGroup(ctx context.Context, c chat.Caller, roomID, checksum string) (deleted bool, err error) {
	room, _, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return false, err
	}
	if room.Deleted() {
		return false, nil
	}
	if !slices.Contains([]string{deleteChecksum(c, roomID, chat.Group), deleteChecksum(c, roomID, room.Type)}, checksum) {
		return false, chat.Errorf(chat.CodeForbidden, "The checksum is wrong")
	}
	_, err = s.changeGroup(ctx, c, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if err := announce(ctx, tx, c, room, chat.ActionDeleteRoom, chat.BodyDeletedRoom); err != nil {
			return err
		}
		room.DeletedAt = tx.Now()
		_, err := tx.UpdateRoom(ctx, room)
		return err
	})
	return err == nil, err
}

// deleteChecksum keeps a room from being deleted by a slip.
func deleteChecksum(c chat.Caller, roomID string, t chat.RoomType) string {
	text := fmt.Sprintf("%s:%d:%s:%s", roomID, t, c.User, strconv.FormatInt(c.Login.AccessExpiry, 10))
	sum := md5.Sum([]byte(text)) //nolint:gosec // G401: see the import
	return hex.EncodeToString(sum[:])
}

// RoomsInCommon lists the groups that the caller shares with another user.
func (s *Service) RoomsInCommon(ctx context.Context, c chat.Caller, other string) ([]*chat.Room, error) {
	id, err := s.resolveUser(ctx, c, UserName{ID: other})
	if err != nil {
		return nil, err
	}
	return s.store.RoomsInCommon(ctx, c.App.ID, c.User, id, chat.MaxAnswer)
}
