package service

import (
	"context"
	"fmt"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

// wholeRoom is the page of participants that the answers to changes show.
func wholeRoom() chat.Page { return chat.Page{Limit: chat.MaxAnswer} }

// Room returns a room by the customer's id, with one page of its participants.
func (s *Service) Room(ctx context.Context, c chat.Caller, xcRoom string, page chat.Page) (chat.RoomDetails, error) {
	room, err := s.store.Room(ctx, c.App.ID, xcRoom)
	if err != nil {
		return chat.RoomDetails{}, err
	}
	people, err := s.store.Participants(ctx, room, page)
	return chat.RoomDetails{Room: room, Participants: people}, err
}

// PutRoom creates the room up.XCID or changes it. A room that was deleted comes back
// under its old id, as if new. skipped names the participants that nobody has as an id.
// A type other than the stored one is CodeInvalid.
func (s *Service) PutRoom(ctx context.Context, c chat.Caller, up chat.RoomUpdate) (details chat.RoomDetails, skipped []string, err error) {
	people, unknown, err := s.findUsers(ctx, c.App.ID, up.ParticipantXCIDs)
	if err != nil {
		return details, nil, err
	}
	up.Roles, up.Tags = chat.Unique(up.Roles), chat.Unique(up.Tags)
	var room chat.Room
	created, ignored := false, false
	err = s.write(ctx, c, roomShard(c.App.ID, up.XCID), func(ctx context.Context, tx *store.Tx) error {
		skipped, created, ignored = nil, false, false
		old, found, err := tx.RoomForUpdate(ctx, c.App.ID, up.XCID)
		switch {
		case err != nil:
			return err
		case found && old.Type != up.Type:
			return chat.Invalid("type", "must be %d, the type the room was made with", old.Type)
		case found && !old.Deleted():
			ignored = len(up.ParticipantXCIDs) > 0
			room, err = s.updateRoom(ctx, tx, c, old, up)
			return err
		}
		skipped, created = unknown, true
		room, err = s.openRoom(ctx, tx, c, old, up, people)
		return err
	})
	if err != nil {
		return details, nil, err
	}
	if created && len(up.Roles) == 0 {
		// Who is in a new room is known without asking.
		details, err = s.newRoomDetails(ctx, room, people)
		return details, skipped, err
	}
	details, err = s.details(ctx, room)
	details.ParticipantsIgnored = ignored
	return details, skipped, err
}

// details adds to a room that was changed who is in it.
func (s *Service) details(ctx context.Context, room chat.Room) (chat.RoomDetails, error) {
	people, err := s.store.Participants(ctx, room, wholeRoom())
	return chat.RoomDetails{Room: room, Participants: people}, afterWrite(err)
}

// afterWrite is the error of a read behind a write that has succeeded.
func afterWrite(err error) error {
	if chat.CodeOf(err) != chat.CodeUnavailable {
		return err
	}
	return fmt.Errorf("%w: %w", chat.Errorf(chat.CodeUnavailable,
		"The change was stored, but the room could not be read back; ask for it with room/get"), err)
}

func (s *Service) newRoomDetails(ctx context.Context, room chat.Room, people []chat.UserID) (chat.RoomDetails, error) {
	users, err := s.store.Users(ctx, room.App, people)
	out := chat.Participants{Users: users, Total: len(people)}
	return chat.RoomDetails{Room: room, Participants: out}, afterWrite(err)
}

// openRoom makes a new room, or brings back a deleted one with nothing of its former
// life but its id and its messages.
func (s *Service) openRoom(ctx context.Context, tx *store.Tx, c chat.Caller, old chat.Room, up chat.RoomUpdate, people []chat.UserID) (chat.Room, error) {
	room := up.Apply(chat.Room{App: c.App.ID})
	var err error
	if old.ID == 0 {
		room, err = tx.CreateRoom(ctx, room)
	} else {
		room, err = reviveRoom(ctx, tx, old, room)
	}
	if err != nil {
		return room, err
	}
	if len(up.Roles) > 0 {
		if _, err := tx.SetRoomRoles(ctx, room, up.Roles); err != nil {
			return room, err
		}
	}
	if len(people) > 0 {
		if _, err := tx.AddParticipants(ctx, room.ID, people); err != nil {
			return room, err
		}
	}
	return room, announce(ctx, tx, c, room, chat.ActionCreateRoom, chat.BodyCreatedRoom(room.Name))
}

// reviveRoom puts room in the place of the deleted old one.
func reviveRoom(ctx context.Context, tx *store.Tx, old, room chat.Room) (chat.Room, error) {
	room.ID, room.CreatedAt, room.UpdatedAt = old.ID, old.CreatedAt, old.UpdatedAt
	if err := tx.RemoveAllParticipants(ctx, room.ID); err != nil {
		return room, err
	}
	if _, err := tx.SetRoomRoles(ctx, room, nil); err != nil {
		return room, err
	}
	return tx.UpdateRoom(ctx, room)
}

// updateRoom changes what the update names. A call that changes nothing that people in
// the room can see writes no message: backends repeat such calls at every page view.
func (s *Service) updateRoom(ctx context.Context, tx *store.Tx, c chat.Caller, old chat.Room, up chat.RoomUpdate) (chat.Room, error) {
	room := up.Apply(old)
	if !sameRoom(room, old) {
		var err error
		if room, err = tx.UpdateRoom(ctx, room); err != nil {
			return room, err
		}
	}
	visible := room.Name != old.Name || room.Photo != old.Photo
	if up.Roles != nil {
		changed, err := tx.SetRoomRoles(ctx, room, up.Roles)
		if err != nil {
			return room, err
		}
		visible = visible || changed
	}
	if !visible {
		return room, nil
	}
	return room, announce(ctx, tx, c, room, chat.ActionUpdateRoom, chat.BodyUpdatedRoom)
}

func sameRoom(a, b chat.Room) bool {
	return a.Name == b.Name && a.Photo == b.Photo && slices.Equal(a.Tags, b.Tags)
}

// LockRoom lets only the customer's server write into the room. changed is false when
// it was locked before; then nothing happens.
func (s *Service) LockRoom(ctx context.Context, c chat.Caller, xcRoom, xcUser string) (changed bool, err error) {
	return s.setLock(ctx, c, xcRoom, xcUser, true)
}

// UnlockRoom undoes LockRoom. changed is false when the room was not locked.
func (s *Service) UnlockRoom(ctx context.Context, c chat.Caller, xcRoom, xcUser string) (changed bool, err error) {
	return s.setLock(ctx, c, xcRoom, xcUser, false)
}

func (s *Service) setLock(ctx context.Context, c chat.Caller, xcRoom, xcUser string, lock bool) (changed bool, err error) {
	room, err := s.store.Room(ctx, c.App.ID, xcRoom)
	if err != nil {
		return false, err
	}
	actor, err := s.store.UserID(ctx, c.App.ID, xcUser)
	if err != nil {
		return false, err
	}
	err = s.write(ctx, c, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		room, err := tx.LiveRoomForUpdate(ctx, c.App.ID, xcRoom)
		if err != nil {
			return err
		}
		if changed = room.Locked() != lock; !changed {
			return nil
		}
		body := chat.BodyUnlockedRoom
		room.LockedAt = 0
		if lock {
			body = chat.BodyLockedRoom
			room.LockedAt = s.now().UnixMilli()
		}
		if room, err = tx.UpdateRoom(ctx, room); err != nil {
			return err
		}
		// No action tells of locks; this one makes devices look at the room's new state.
		_, err = appendSystem(ctx, tx, c, room, systemMessage{
			sender: actor, action: chat.ActionUpdateRoom, body: body,
		})
		return err
	})
	return changed, err
}

// RoomsOfUser lists the rooms that the user is in, newest message first. only, unless
// empty, narrows it to rooms by the customer's ids. A user that nobody knows is in none.
func (s *Service) RoomsOfUser(ctx context.Context, c chat.Caller, xcUser string, only []string, page chat.Page) (list []chat.RoomSummary, more bool, err error) {
	viewer, err := s.store.UserID(ctx, c.App.ID, xcUser)
	if chat.CodeOf(err) == chat.CodeNotFound {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	user, err := s.store.User(ctx, c.App.ID, viewer)
	if err != nil {
		return nil, false, err
	}
	return view.Rooms(ctx, s.store, user, only, page)
}
