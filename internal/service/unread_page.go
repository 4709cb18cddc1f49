package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// unreadCursor is a place in a user's list of rooms in which something is unread. It takes along the sum, as it
// was with the first page: no page counts all rooms anew.
type unreadCursor struct {
	User  chat.UserID `json:"u"`
	Room  chat.RoomID `json:"r"`
	Total int64       `json:"t"`
}

// Unread counts what a user has not read: in all their rooms, of very many the 10,000 whose newest messages are
// the newest, and in each of up to limit rooms in which there is something, from a cursor on, "" for the
// beginning. next is the cursor of the next page, "" behind the last. The total is that of the first page.
func (b Backend) Unread(
	ctx context.Context, xcUser, cursor string, limit int,
) (total int64, list []chat.RoomUnread, next string, err error) {
	user, err := b.store.UserByXCID(ctx, b.app.ID, xcUser)
	if err != nil {
		return 0, nil, "", err
	}
	var at unreadCursor
	if !chat.DecodeCursor(cursor, &at) || cursor != "" && at.User != user.ID {
		return 0, nil, "", errCursor()
	}
	if cursor == "" {
		if at.Total, err = b.store.UnreadCount(ctx, user); err != nil {
			return 0, nil, "", err
		}
	}
	at.User = user.ID
	list, room, more, err := b.store.UnreadPage(ctx, user, at.Room, limit)
	if err != nil || !more {
		return at.Total, list, "", err
	}
	at.Room = room
	return at.Total, list, chat.EncodeCursor(at), nil
}

// unreadPlace is a place in a room's list of participants.
type unreadPlace struct {
	Room chat.RoomID      `json:"r"`
	Walk store.PeopleWalk `json:"w"`
}

// UnreadOf counts what each of up to limit participants of a room has not read in it, from a cursor on, "" for
// the beginning. next is the cursor of the next page, "" behind the last.
func (b Backend) UnreadOf(
	ctx context.Context, name RoomName, cursor string, limit int,
) (list []chat.UserUnread, next string, err error) {
	room, err := b.liveRoom(ctx, name)
	if err != nil {
		return nil, "", err
	}
	var at unreadPlace
	if !chat.DecodeCursor(cursor, &at) || cursor != "" && at.Room != room.ID {
		return nil, "", errCursor()
	}
	at.Room = room.ID
	people, walk, err := b.store.ParticipantPage(ctx, room, chat.OnlyAll, at.Walk, limit)
	if err != nil {
		return nil, "", err
	}
	at.Walk = walk
	ids := make([]chat.UserID, len(people))
	for i := range people {
		ids[i] = people[i].ID
	}
	unread, err := b.store.UnreadOf(ctx, room.ID, ids)
	if err != nil {
		return nil, "", err
	}
	for _, p := range people {
		list = append(list, chat.UserUnread{User: p.User, Unread: unread[p.ID]})
	}
	if walk.Done {
		return list, "", nil
	}
	return list, chat.EncodeCursor(at), nil
}

// liveRoom finds a room that is not deleted.
func (b Backend) liveRoom(ctx context.Context, name RoomName) (chat.Room, error) {
	if name.XCID != "" {
		return b.store.Room(ctx, b.app.ID, name.XCID)
	}
	fixed, err := b.fixedRoom(ctx, name)
	if err != nil {
		return fixed, err
	}
	room, err := b.store.RoomByID(ctx, b.app.ID, fixed.ID)
	if err == nil && room.Deleted() {
		err = chat.RoomNotFound()
	}
	return room, chat.Missing(err, name.String())
}
