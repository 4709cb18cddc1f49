package service

import (
	"context"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// PutUser creates or changes a user by the customer's id and returns it. Partners in
// personal rooms learn of another name or picture by a hidden message.
func (s *Service) PutUser(ctx context.Context, c chat.Caller, up chat.UserUpdate) (user chat.User, err error) {
	shown := false
	err = s.store.Write(ctx, shardOf(c.App.ID, "user", up.XCID), func(ctx context.Context, tx *store.Tx) (err error) {
		user, shown, err = tx.PutUserShown(ctx, c.App.ID, up)
		return err
	})
	if err == nil && shown {
		s.tellPartners(ctx, c, user)
	}
	return user, err
}

// maxPartners bounds the personal rooms that are told of a new profile, the latest used;
// in the others it shows with the next message.
const maxPartners = 500

// tellPartners writes a hidden message into the user's personal rooms, and opens those
// that were closed when he was deleted. The profile is stored already: where a message
// cannot be, the next one that is sent shows it.
func (s *Service) tellPartners(ctx context.Context, c chat.Caller, user chat.User) {
	rooms, err := s.store.PersonalRooms(ctx, c.App.ID, user.ID, maxPartners)
	if err != nil {
		return
	}
	partners := make([]chat.UserID, len(rooms))
	for i, room := range rooms {
		partners[i] = room.Pair.Other(user.ID)
	}
	users, err := s.store.Users(ctx, c.App.ID, partners)
	if err != nil {
		return
	}
	alive := make(map[chat.UserID]bool, len(users))
	for i, u := range users {
		alive[partners[i]] = u != nil && u.DeletedAt == 0
	}
	_ = s.inRooms(ctx, user.ID, rooms, func(ctx context.Context, tx *store.Tx, room chat.Room) (err error) { // see above
		if room.Locked() {
			if !alive[room.Pair.Other(user.ID)] {
				return nil
			}
			room.LockedAt = 0
			if room, err = tx.UpdateRoom(ctx, room); err != nil {
				return err
			}
		}
		_, err = appendSystem(ctx, tx, c, room, systemMessage{
			sender: user.ID, action: chat.ActionUpdateUser, body: chat.BodyUpdatedUser, hidden: true,
		})
		return err
	})
}

// inRooms runs do in a write of its own for each of a user's rooms, many at a time, and
// returns the first failure.
func (s *Service) inRooms(ctx context.Context, user chat.UserID, rooms []chat.Room, do func(context.Context, *store.Tx, chat.Room) error) error {
	var all errgroup.Group
	all.SetLimit(roomsAtOnce)
	for _, room := range rooms {
		all.Go(func() error {
			return s.store.Write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
				room, _, err := tx.RoomForUpdateFor(ctx, room.App, room.ID, user)
				if err != nil {
					return err
				}
				return do(ctx, tx, room)
			})
		})
	}
	return all.Wait()
}

// DeleteUser deletes a user: all his devices are signed out, and his personal rooms are
// closed. What he wrote stays. changed is false for a user who was deleted before; the
// call may be repeated to finish what a failure has interrupted.
func (s *Service) DeleteUser(ctx context.Context, c chat.Caller, xcUser string) (changed bool, err error) {
	var user chat.User
	err = s.store.Write(ctx, shardOf(c.App.ID, "user", xcUser), func(ctx context.Context, tx *store.Tx) (err error) {
		user, changed, err = tx.DeleteUser(ctx, c.App.ID, xcUser)
		return err
	})
	if err != nil {
		return false, err
	}
	for {
		rooms, err := s.store.OpenPersonalRooms(ctx, c.App.ID, user.ID, maxPartners)
		if err != nil || len(rooms) == 0 {
			return changed, err
		}
		err = s.inRooms(ctx, user.ID, rooms, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
			room.LockedAt = s.now().UnixMilli()
			room, err := tx.UpdateRoom(ctx, room)
			if err != nil {
				return err
			}
			_, err = appendSystem(ctx, tx, c, room, systemMessage{
				sender: user.ID, action: chat.ActionDeleteUser, body: chat.BodyDeletedUser,
			})
			return err
		})
		if err != nil {
			return changed, err
		}
	}
}

// PutRole creates or changes a role's name and icon and returns it. Users may hold a
// role that was never described.
func (s *Service) PutRole(ctx context.Context, c chat.Caller, up chat.RoleUpdate) (role chat.Role, err error) {
	err = s.store.Write(ctx, shardOf(c.App.ID, "role", up.Code), func(ctx context.Context, tx *store.Tx) (err error) {
		role, err = tx.PutRole(ctx, c.App.ID, up)
		return err
	})
	return role, err
}

// Roles lists up to limit described roles after the code after; more says that others
// follow.
func (s *Service) Roles(ctx context.Context, c chat.Caller, after string, limit int) (roles []chat.Role, more bool, err error) {
	roles, err = s.store.Roles(ctx, c.App.ID, after, limit+1)
	if len(roles) > limit {
		return roles[:limit], true, err
	}
	return roles, false, err
}

// SyncContacts adds and deletes one-way contacts in bulk, deletions last, and counts
// what really changed. Rows that name an unknown user, or a user as his own contact,
// are skipped.
func (s *Service) SyncContacts(ctx context.Context, c chat.Caller, changes []chat.ContactChange) (added, removed int64, err error) {
	names := make([]string, 0, 2*len(changes))
	for _, ch := range changes {
		names = append(names, ch.Owner, ch.Contact)
	}
	ids, err := s.store.UserIDs(ctx, c.App.ID, chat.Unique(names))
	if err != nil {
		return 0, 0, err
	}
	var add, remove []store.Contact
	for _, ch := range changes {
		row := store.Contact{Owner: ids[ch.Owner], User: ids[ch.Contact]}
		switch {
		case row.Owner == 0 || row.User == 0 || row.Owner == row.User:
		case ch.Deleted:
			remove = append(remove, row)
		default:
			add = append(add, row)
		}
	}
	err = s.store.Write(ctx, shardOf(c.App.ID, "contacts", ""), func(ctx context.Context, tx *store.Tx) (err error) {
		added, removed, err = tx.SyncContacts(ctx, add, remove)
		return err
	})
	return added, removed, err
}
