package service

import (
	"cmp"
	"context"
	"math"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/store"
	"parlor/internal/view"
)

// Delivery is an answer to a device with what it lacks.
type Delivery = device.Delivery

// Inbox lists, over all rooms of the member, the newest visible message of each
// and the unread ones, the newest first. Once the device has them it counts as caught up.
func (me Member) Inbox(ctx context.Context) (Delivery, error) {
	return me.devices.List(ctx, me.Caller, me.inbox)
}

// CatchUp lists what is new to the member's device or has changed, over all rooms, the
// oldest first. What does not go into one answer follows over the device's socket. A device
// that was never seen gets what Inbox gives.
func (me Member) CatchUp(ctx context.Context) (Delivery, error) {
	return me.devices.CatchUp(ctx, me.Caller, me.inbox)
}

func (me Member) inbox(ctx context.Context) ([]chat.MessageView, error) {
	user, err := me.store.User(ctx, me.App.ID, me.User)
	if err != nil {
		return nil, err
	}
	lines, _, err := me.store.RoomList(ctx, user, nil, chat.Page{Limit: chat.MaxAnswer})
	if err != nil {
		return nil, err
	}
	rooms := make([]*chat.Room, len(lines))
	keys := make([]store.SizedKey, len(lines))
	for i, l := range lines {
		rooms[i] = l.Room
		keys[i].MessageKey = store.MessageKey{Room: l.Room.ID, CreatedAt: l.Message.CreatedAt}
	}
	lens, err := view.Open(ctx, me.store, me.App.ID, me.User, rooms...)
	if err != nil {
		return nil, err
	}
	extra := 0
	for _, l := range lines {
		newest := l.Message.Sender != me.User && !lens.Read(l.Message) && !l.Message.Deleted()
		if l.Unread == 0 || extra >= maxUnreadInAll || l.Unread == 1 && newest {
			continue // none, or the one that is in the list already
		}
		unread, err := me.unreadOf(ctx, lens, l, min(maxUnreadShown, maxUnreadInAll-extra))
		if err != nil {
			return nil, err
		}
		extra += len(unread)
		keys = append(keys, unread...)
	}
	messages, err := me.store.MessagesByKey(ctx, me.App.ID, keys)
	if err != nil {
		return nil, err
	}
	views, err := lens.Messages(ctx, messages)
	slices.SortStableFunc(views, func(a, b chat.MessageView) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return views, err
}

// unreadOf finds unread messages of a room before its newest message, which is in the list
// already. What was said since comes later, all of it: the user's own messages, which are not
// in the list, are not to come behind. What lies between and was read does not come: some SDKs
// take it for a sign that all before it was.
func (me Member) unreadOf(ctx context.Context, lens *view.Lens, l store.RoomLine, limit int) ([]store.SizedKey, error) {
	low := max(l.ReadUpTo, lens.Receipts(l.Room.ID).ClearedAt)
	keys, err := me.store.UnreadKeys(ctx, l.Room.ID, me.User, low, l.Message.CreatedAt, limit)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	hidden := map[int64]store.Hide{}
	if r := lens.Receipts(l.Room.ID); r.Hides {
		if hidden, err = me.store.Hidden(ctx, l.Room.ID, me.User, low, math.MaxInt64); err != nil {
			return nil, err
		}
	}
	read := lens.Receipts(l.Room.ID).Read
	return slices.DeleteFunc(keys, func(k store.SizedKey) bool {
		_, gone := hidden[k.CreatedAt]
		return gone || read.Has(k.CreatedAt)
	}), nil
}
