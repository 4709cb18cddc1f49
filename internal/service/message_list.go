package service

import (
	"context"
	"math"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

const (
	// maxPage bounds the messages of one page.
	maxPage = 100
	// newestPage is the page of somebody who has nothing of a room yet.
	newestPage = 50
	// maxUnreadShown bounds the unread messages of one room in the list of rooms, and
	// maxUnreadInAll those of all rooms.
	maxUnreadShown = 500
	maxUnreadInAll = 5000
)

// MessagesBefore lists messages of a room that were created before a time (Unix ms, 0 for
// now), the newest first; more says that older ones remain. A room that is not there yet
// is an empty list: SDKs open personal rooms before anybody has written in them.
func (me Member) MessagesBefore(
	ctx context.Context, roomID string, before int64, limit int,
) (views []chat.MessageView, more bool, err error) {
	room, member, err := me.roomOf(ctx, roomID)
	if err != nil {
		return nil, false, me.emptyIfPersonal(roomID, err)
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	if last := member.Last(); last > 0 {
		before = min(before, last+1)
	}
	limit = max(1, min(limit, maxPage))
	lens, err := view.Open(ctx, me.store, me.App.ID, me.User, &room)
	if err != nil {
		return nil, false, err
	}
	messages, more, err := me.store.MessagesBefore(ctx, room.ID, me.User, member.ClearedAt, before, limit)
	if err != nil {
		return nil, false, err
	}
	views, err = lens.Messages(ctx, messages)
	return views, more, err
}

// lookBack is how far MessagesAfter looks back behind the time that a device names, in ms.
// It has had a change of that time, but not for certain everything before: several nodes
// tell of what they commit, and a frame may be lost that was sent before another. What its
// cursor has not reached comes in any case.
const lookBack = 30_000

// MessagesAfter lists those messages of a room, created at oldest or later, that are new
// or have changed at since or not long before (Unix ms), the oldest first. With both 0 it
// is the newest page. more says that there were too many for one answer.
func (me Member) MessagesAfter(
	ctx context.Context, roomID string, oldest, since int64,
) (views []chat.MessageView, more bool, err error) {
	room, member, err := me.roomOf(ctx, roomID)
	if err != nil {
		return nil, false, me.emptyIfPersonal(roomID, err)
	}
	if oldest <= 0 && since <= 0 {
		views, more, err = me.MessagesBefore(ctx, roomID, 0, newestPage)
		slices.Reverse(views)
		return views, more, err
	}
	in := store.Stretch{Room: room.ID, After: max(member.ClearedAt, oldest-1), Last: math.MaxInt64}
	if last := member.Last(); last > 0 {
		in.Last = last
	}
	from, err := me.store.NumberBefore(ctx, room.ID, max(since-lookBack, 0))
	if err != nil {
		return nil, false, err
	}
	cursor, err := me.devices.Cursor(ctx, me.Caller)
	if err != nil {
		return nil, false, err
	}
	return me.devices.Changes(ctx, me.Caller, &room, in, min(from, cursor))
}

// maxShared bounds the shared contents of one call.
const maxShared = 100

// Shared lists pictures, videos, files and links of a room that were created in a window, of
// which 0 is no bound.
func (me Member) Shared(ctx context.Context, roomID string, w chat.Window) ([]chat.MessageView, error) {
	room, member, err := me.roomOf(ctx, roomID)
	if err != nil {
		return nil, me.emptyIfPersonal(roomID, err)
	}
	w.After = max(w.After, member.ClearedAt)
	if w.Before <= 0 {
		w.Before = math.MaxInt64
	}
	if last := member.Last(); last > 0 {
		w.Before = min(w.Before, last+1)
	}
	lens, err := view.Open(ctx, me.store, me.App.ID, me.User, &room)
	if err != nil {
		return nil, err
	}
	messages, err := me.store.SharedMessages(ctx, room.ID, me.User, w, maxShared)
	if err != nil {
		return nil, err
	}
	views, err := lens.Messages(ctx, messages)
	return slices.DeleteFunc(views, func(v chat.MessageView) bool { return v.Gone }), err
}
