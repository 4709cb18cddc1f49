package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// RoomName names a room by its public id or by the customer's.
type RoomName struct {
	ID   string
	XCID string
}

// String is the id that was given.
func (n RoomName) String() string {
	if n.XCID != "" {
		return n.XCID
	}
	return n.ID
}

// Rooms lists up to limit rooms of the App that pass a filter, from a cursor on, "" for the
// beginning. next is the cursor of the next page, "" behind the last. See store.Store.RoomPage.
func (b Backend) Rooms(
	ctx context.Context, f chat.RoomFilter, cursor string, limit int,
) (list []chat.ListedRoom, next string, err error) {
	var after chat.RoomCursor
	if !chat.DecodeCursor(cursor, &after) || cursor != "" && after.Filter != f.Hash() {
		return nil, "", errCursor()
	}
	var participant *chat.User
	if f.Participant != "" {
		if participant, err = b.store.UserByXCID(ctx, b.app.ID, f.Participant); err != nil {
			return nil, "", err
		}
	}
	list, after, more, err := b.store.RoomPage(ctx, b.app.ID, f, participant, after, limit)
	if err != nil || !more {
		return list, "", err
	}
	after.Filter = f.Hash()
	return list, chat.EncodeCursor(after), nil
}

// participantCursor is a place in one list of participants.
type participantCursor struct {
	Room chat.RoomID      `json:"r"`
	Only chat.Only        `json:"o,omitempty"`
	Walk store.PeopleWalk `json:"w"`
}

// ListParticipants lists up to limit of those in a room whom only names, from a cursor on, "" for
// the beginning. next is the cursor of the next page, "" behind the last.
func (b Backend) ListParticipants(
	ctx context.Context, name RoomName, only chat.Only, cursor string, limit int,
) (list []chat.Participant, next string, err error) {
	room, err := b.fixedRoom(ctx, name)
	if err != nil {
		return nil, "", err
	}
	var at participantCursor
	if !chat.DecodeCursor(cursor, &at) || cursor != "" && (at.Room != room.ID || at.Only != only) {
		return nil, "", errCursor()
	}
	at.Room, at.Only = room.ID, only
	list, at.Walk, err = b.store.ParticipantPage(ctx, room, only, at.Walk, limit)
	if err != nil {
		return nil, "", err
	}
	for i, now := 0, b.now().UnixMilli(); i < len(list); i++ {
		if list[i].SilencedUntil <= now { // it is over
			list[i].SilencedUntil = 0
		}
	}
	if at.Walk.Done {
		return list, "", nil
	}
	return list, chat.EncodeCursor(at), nil
}

func errCursor() error {
	return chat.Invalid("cursor", "must be the nextCursor of a call with the same other parameters")
}

// fixedRoom finds what of a room never changes, deleted or not.
func (b Backend) fixedRoom(ctx context.Context, name RoomName) (chat.Room, error) {
	id, err := b.roomID(ctx, name)
	if err != nil {
		return chat.Room{}, chat.Missing(err, name.String())
	}
	room, err := b.store.FixedRoom(ctx, b.app.ID, id)
	if err == nil && name.ID != "" && room.PublicID() != name.ID {
		err = chat.RoomNotFound()
	}
	return room, chat.Missing(err, name.String())
}

func (b Backend) roomID(ctx context.Context, name RoomName) (chat.RoomID, error) {
	if name.XCID != "" {
		return b.store.RoomID(ctx, b.app.ID, name.XCID)
	}
	ref, ok := chat.ParseRoomID(name.ID)
	switch {
	case !ok:
		return 0, chat.RoomNotFound()
	case ref.Type == chat.Personal:
		return b.store.PersonalRoomID(ctx, b.app.ID, ref.Pair)
	}
	return ref.ID, nil
}

// changeRoom runs do on a room that is neither deleted nor personal, and that nobody else changes
// until the commit. What do leaves in results is that of the call: see store.Store.WriteOnce.
func (b Backend) changeRoom(
	ctx context.Context, name RoomName, do func(context.Context, *store.Tx, chat.Room) error, results ...any,
) error {
	return b.withRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		switch {
		case room.Deleted():
			return chat.Missing(chat.RoomNotFound(), name.String())
		case room.Type == chat.Personal:
			return chat.Errorf(chat.CodeForbidden, "A personal room cannot be changed")
		}
		return do(ctx, tx, room)
	}, results...)
}

// withRoom is changeRoom for rooms of all kinds.
func (b Backend) withRoom(
	ctx context.Context, name RoomName, do func(context.Context, *store.Tx, chat.Room) error, results ...any,
) error {
	fixed, err := b.fixedRoom(ctx, name)
	if err != nil {
		return err
	}
	return b.store.WriteOnce(ctx, shardOfRoom(fixed), func(ctx context.Context, tx *store.Tx) error {
		room, _, err := tx.RoomForUpdateFor(ctx, b.app.ID, fixed.ID, 0)
		if err != nil {
			return err
		}
		return do(ctx, tx, room)
	}, results...)
}
