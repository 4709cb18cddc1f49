package service

import (
	"cmp"
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
func (s *Service) MessagesBefore(ctx context.Context, c chat.Caller, roomID string, before int64, limit int) (views []chat.MessageView, more bool, err error) {
	room, member, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return nil, false, emptyIfPersonal(c, roomID, err)
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	if last := member.Last(); last > 0 {
		before = min(before, last+1)
	}
	limit = max(1, min(limit, maxPage))
	lens, err := view.Open(ctx, s.store, c.App.ID, c.User, &room)
	if err != nil {
		return nil, false, err
	}
	messages, more, err := s.store.MessagesBefore(ctx, room.ID, member.ClearedAt, before, limit)
	if err != nil {
		return nil, false, err
	}
	views, err = lens.Messages(ctx, messages)
	return views, more, err
}

// emptyIfPersonal forgives that a personal room of the caller's does not exist yet.
func emptyIfPersonal(c chat.Caller, roomID string, err error) error {
	ref, ok := chat.ParseRoomID(roomID)
	if chat.CodeOf(err) == chat.CodeNotFound && ok && ref.Type == chat.Personal && ref.Pair.Has(c.User) {
		return nil
	}
	return err
}

// lookBack is how far MessagesAfter looks back behind the time that a device names, in ms.
// It has had a change of that time, but not for certain everything before: several nodes
// tell of what they commit, and a frame may be lost that was sent before another. What its
// cursor has not reached comes in any case.
const lookBack = 30_000

// MessagesAfter lists those messages of a room, created at oldest or later, that are new
// or have changed at since or not long before (Unix ms), the oldest first. With both 0 it
// is the newest page. more says that there were too many for one answer.
func (s *Service) MessagesAfter(ctx context.Context, c chat.Caller, roomID string, oldest, since int64) (views []chat.MessageView, more bool, err error) {
	room, member, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return nil, false, emptyIfPersonal(c, roomID, err)
	}
	if oldest <= 0 && since <= 0 {
		views, more, err = s.MessagesBefore(ctx, c, roomID, 0, newestPage)
		slices.Reverse(views)
		return views, more, err
	}
	in := store.Stretch{Room: room.ID, After: max(member.ClearedAt, oldest-1), Last: math.MaxInt64}
	if last := member.Last(); last > 0 {
		in.Last = last
	}
	from, err := s.store.NumberBefore(ctx, room.ID, max(since-lookBack, 0))
	if err != nil {
		return nil, false, err
	}
	cursor, err := s.devices.Cursor(ctx, c)
	if err != nil {
		return nil, false, err
	}
	return s.devices.Changes(ctx, c, &room, in, min(from, cursor))
}

func (s *Service) roomsAndUnread(ctx context.Context, c chat.Caller) ([]chat.MessageView, error) {
	user, err := s.store.User(ctx, c.App.ID, c.User)
	if err != nil {
		return nil, err
	}
	lines, _, err := s.store.RoomList(ctx, user, nil, wholeRoom())
	if err != nil {
		return nil, err
	}
	rooms := make([]*chat.Room, len(lines))
	keys := make([]store.SizedKey, len(lines))
	for i, l := range lines {
		rooms[i] = l.Room
		keys[i].MessageKey = store.MessageKey{Room: l.Room.ID, CreatedAt: l.Message.CreatedAt}
	}
	lens, err := view.Open(ctx, s.store, c.App.ID, c.User, rooms...)
	if err != nil {
		return nil, err
	}
	extra := 0
	for _, l := range lines {
		newest := l.Message.Sender != c.User && !lens.Read(l.Message) && !l.Message.Deleted()
		if l.Unread == 0 || extra >= maxUnreadInAll || l.Unread == 1 && newest {
			continue // none, or the one that is in the list already
		}
		unread, err := s.unreadOf(ctx, c, lens, l, min(maxUnreadShown, maxUnreadInAll-extra))
		if err != nil {
			return nil, err
		}
		extra += len(unread)
		keys = append(keys, unread...)
	}
	messages, err := s.store.MessagesByKey(ctx, c.App.ID, keys)
	if err != nil {
		return nil, err
	}
	views, err := lens.Messages(ctx, messages)
	slices.SortStableFunc(views, func(a, b chat.MessageView) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return views, err
}

// unreadOf finds unread messages of a room but for its newest message, which is in the
// list already. What lies between them and was read does not come: some SDKs take it for a
// sign that all before it was.
func (s *Service) unreadOf(ctx context.Context, c chat.Caller, lens *view.Lens, l store.RoomLine, limit int) ([]store.SizedKey, error) {
	low := max(l.ReadUpTo, lens.Receipts(l.Room.ID).ClearedAt)
	keys, err := s.store.UnreadKeys(ctx, l.Room.ID, c.User, low, limit)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	hidden := map[int64]store.Hide{}
	if r := lens.Receipts(l.Room.ID); r.Hides {
		if hidden, err = s.store.Hidden(ctx, l.Room.ID, c.User, low, math.MaxInt64); err != nil {
			return nil, err
		}
	}
	read := lens.Receipts(l.Room.ID).Read
	return slices.DeleteFunc(keys, func(k store.SizedKey) bool {
		_, gone := hidden[k.CreatedAt]
		return gone || k.CreatedAt == l.Message.CreatedAt || read.Has(k.CreatedAt)
	}), nil
}

// maxShared bounds the shared contents of one call.
const maxShared = 100

// Shared lists pictures, videos, files and links of a room that were created after low
// and before high (Unix ms, 0 for no bound), the newest first unless oldestFirst.
func (s *Service) Shared(ctx context.Context, c chat.Caller, roomID string, low, high int64, oldestFirst bool) ([]chat.MessageView, error) {
	room, member, err := s.roomOf(ctx, c, roomID)
	if err != nil {
		return nil, emptyIfPersonal(c, roomID, err)
	}
	if high <= 0 {
		high = math.MaxInt64
	}
	if last := member.Last(); last > 0 {
		high = min(high, last+1)
	}
	lens, err := view.Open(ctx, s.store, c.App.ID, c.User, &room)
	if err != nil {
		return nil, err
	}
	messages, err := s.store.SharedMessages(ctx, room.ID, max(low, member.ClearedAt), high, oldestFirst, maxShared)
	if err != nil {
		return nil, err
	}
	views, err := lens.Messages(ctx, messages)
	return slices.DeleteFunc(views, func(v chat.MessageView) bool { return v.Gone }), err
}
