package service

import (
	"context"
	"errors"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// PutRoom creates the room up.XCID or changes it. A room that was deleted comes back
// under its old id, as if new. skipped names the participants that nobody has as an id.
// A type other than the stored one is CodeInvalid.
func (b Backend) PutRoom(
	ctx context.Context, up chat.RoomUpdate,
) (details chat.RoomDetails, skipped []string, err error) {
	p, err := b.putRoom(ctx, up)
	if err != nil {
		return details, nil, err
	}
	if p.people != nil {
		return newRoomDetails(p.room, p.people), p.skipped, nil
	}
	details, err = b.details(ctx, p.room)
	details.ParticipantsIgnored = p.ignored
	return details, p.skipped, err
}

// put is a room that was made or changed.
type put struct {
	room    chat.Room
	people  []*chat.User // who is in it, nil where that has to be read
	skipped []string
	ignored bool // participants were named for a room that exists
}

// putRoom is PutRoom without the participants.
func (b Backend) putRoom(ctx context.Context, up chat.RoomUpdate) (put, error) {
	people, unknown, err := b.findPeople(ctx, b.app.ID, up.ParticipantXCIDs)
	if err != nil {
		return put{}, err
	}
	if people == nil {
		people = []*chat.User{}
	}
	up.Roles, up.Tags = chat.Unique(up.Roles), chat.Unique(up.Tags)
	room, err := b.openAtOnce(ctx, up, people)
	if err == nil {
		return put{room: room, people: people, skipped: unknown}, nil
	}
	if !errors.Is(err, store.ErrRoomThere) {
		return put{}, err
	}
	done := put{skipped: unknown}
	err = b.store.WriteOnce(ctx, roomShard(b.app.ID, up.XCID), func(ctx context.Context, tx *store.Tx) error {
		done = put{}
		old, found, err := tx.RoomForUpdate(ctx, b.app.ID, up.XCID)
		switch {
		case err != nil:
			return err
		case found && old.Type != up.Type:
			return chat.Invalid("type", "must be %d, the type the room was made with", old.Type)
		case found && !old.Deleted():
			done.ignored = len(up.ParticipantXCIDs) > 0
			room, err = b.updateRoom(ctx, tx, old, up)
			return err
		}
		done.skipped = unknown
		if room, err = b.openRoom(ctx, tx, old, up, idsOf(people)); err != nil {
			return err
		}
		if found {
			out, err := keptOut(ctx, tx, room, people)
			done.skipped = append(slices.Clone(unknown), out...)
			return err
		}
		if len(up.Roles) == 0 {
			done.people = people
		}
		return nil
	}, &room, &done.ignored, &done.skipped)
	if err != nil {
		return put{}, err
	}
	b.store.KnowRoom(room)
	done.room = room
	return done, nil
}

// newRoomDetails shows who is in a new room, which is known without asking.
func newRoomDetails(room chat.Room, people []*chat.User) chat.RoomDetails {
	return chat.RoomDetails{Room: room, Participants: chat.Participants{Users: people, Total: len(people)}}
}

// openAtOnce makes a new room in the way that costs least. It is store.ErrRoomThere where
// that way does not lead to it, since the room may be there.
func (b Backend) openAtOnce(ctx context.Context, up chat.RoomUpdate, people []*chat.User) (chat.Room, error) {
	if !b.store.OpensAtOnce() || len(up.Roles) > 0 || b.store.KnowsRoom(b.app.ID, up.XCID) {
		return chat.Room{}, store.ErrRoomThere
	}
	room := up.Apply(chat.Room{App: b.app.ID})
	notice, err := b.speaker().message(room, chat.Notice{Kind: chat.NoticeRoomCreated, Name: room.Name})
	if err != nil {
		return room, err
	}
	return b.store.OpenRoom(ctx, roomShard(b.app.ID, up.XCID), store.NewRoom{Room: room, People: idsOf(people), Notice: notice})
}

// openRoom makes a new room, or brings back a deleted one with nothing of its former
// life but its id and its messages.
func (b Backend) openRoom(
	ctx context.Context, tx *store.Tx, old chat.Room, up chat.RoomUpdate, people []chat.UserID,
) (chat.Room, error) {
	room := up.Apply(chat.Room{App: b.app.ID})
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
		if people, err = tx.AddParticipants(ctx, room.ID, people); err != nil { // without those who are banned
			return room, err
		}
	}
	if err := tx.RecordRoomOpened(ctx, room, 0, people); err != nil {
		return room, err
	}
	return room, b.speaker().notify(ctx, tx, room, chat.Notice{Kind: chat.NoticeRoomCreated, Name: room.Name})
}

// reviveRoom puts room in the place of the deleted old one. Who was banned from that stays out.
func reviveRoom(ctx context.Context, tx *store.Tx, old, room chat.Room) (chat.Room, error) {
	room.ID, room.CreatedAt, room.UpdatedAt = old.ID, old.CreatedAt, old.UpdatedAt
	if err := tx.RemoveAllParticipants(ctx, room.ID); err != nil {
		return room, err
	}
	if _, err := tx.SetRoomRoles(ctx, room, nil); err != nil {
		return room, err
	}
	if err := tx.ForgetParticipants(ctx, room.ID); err != nil {
		return room, err
	}
	return tx.UpdateRoom(ctx, room)
}

// updateRoom changes what the update names. A call that changes nothing that people in
// the room can see writes no message: backends repeat such calls at every page view.
func (b Backend) updateRoom(ctx context.Context, tx *store.Tx, old chat.Room, up chat.RoomUpdate) (chat.Room, error) {
	room := up.Apply(old)
	different := !sameRoom(room, old)
	if different {
		var err error
		if room, err = tx.UpdateRoom(ctx, room); err != nil {
			return room, err
		}
	}
	visible := room.Name != old.Name || room.Photo != old.Photo || room.Color != old.Color
	if up.Roles != nil {
		changed, err := tx.SetRoomRoles(ctx, room, up.Roles)
		if err != nil {
			return room, err
		}
		visible, different = visible || changed, different || changed
	}
	if visible {
		if err := b.speaker().notify(ctx, tx, room, chat.Notice{Kind: chat.NoticeRoomUpdated}); err != nil {
			return room, err
		}
	}
	if !different {
		return room, nil
	}
	return room, record(ctx, tx, chat.FeedRoomUpdated, room, 0, chat.FeedData{})
}

func sameRoom(a, b chat.Room) bool {
	return a.Name == b.Name && a.Photo == b.Photo && a.Color == b.Color && slices.Equal(a.Tags, b.Tags)
}
