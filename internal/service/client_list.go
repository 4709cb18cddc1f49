package service

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// maxPage bounds the messages of one page.
	maxPage = 100
	// newestPage is the page of somebody who has nothing of a room yet.
	newestPage = 50
	// maxAfter bounds what a device that was away catches up with in one room.
	maxAfter = 1000
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
	l, err := s.lens(ctx, c.App.ID, c.User, room)
	if err != nil {
		return nil, false, err
	}
	messages, err := s.store.MessagesBefore(ctx, room.ID, member.ClearedAt, before, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(messages) > limit; more {
		messages = messages[:limit]
	}
	views, err = s.views(ctx, l, messages)
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

// MessagesAfter lists those messages of a room, created at oldest or later, that are new
// or have changed at since or later (Unix ms), the oldest first. With both 0 it is the
// newest page.
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
	low := max(member.ClearedAt, oldest-1)
	return s.changedIn(ctx, c, room, member, low, since, maxAfter)
}

// changedIn lists messages of one room, created after low, of which something has changed
// at since or later, the oldest first. more says that there were more than limit.
func (s *Service) changedIn(ctx context.Context, c chat.Caller, room chat.Room, member chat.Membership, low, since int64, limit int) (views []chat.MessageView, more bool, err error) {
	high := int64(math.MaxInt64)
	if last := member.Last(); last > 0 {
		high = last
	}
	l, err := s.lens(ctx, c.App.ID, c.User, room)
	if err != nil {
		return nil, false, err
	}
	fresh, err := s.store.MessagesAfter(ctx, room.ID, max(low, since-1), high, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(fresh) > limit; more {
		fresh = fresh[:limit]
	}
	changed, err := s.store.ChangedMessages(ctx, room.ID, low, high, since, limit)
	if err != nil {
		return nil, false, err
	}
	marked, err := s.markedSince(ctx, l, since, limit)
	if err != nil {
		return nil, false, err
	}
	var hidden []chat.Message
	if l.receipts.Hides {
		times, err := s.store.HiddenSince(ctx, room.ID, c.User, since, limit)
		if err != nil {
			return nil, false, err
		}
		if hidden, err = s.store.MessagesAt(ctx, room.ID, times); err != nil {
			return nil, false, err
		}
	}
	all := slices.Concat(fresh, changed, marked, hidden)
	all = slices.DeleteFunc(all, func(m chat.Message) bool { return m.CreatedAt <= low || m.CreatedAt > high })
	slices.SortStableFunc(all, func(a, b chat.Message) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	all = slices.CompactFunc(all, func(a, b chat.Message) bool { return a.ID == b.ID })
	views, err = s.views(ctx, l, all)
	return views, more, err
}

// markedSince lists messages whose receipts, as the viewer sees them, have changed at
// since or later: own ones that others have read, and others' that he has read elsewhere.
func (s *Service) markedSince(ctx context.Context, l lens, since int64, limit int) ([]chat.Message, error) {
	r := l.receipts
	var all []chat.Message
	for _, part := range []struct {
		spans chat.Spans
		own   bool
	}{{r.AnyRead, true}, {r.AnyDelivered, true}, {r.Read, false}} {
		list, err := s.store.MessagesIn(ctx, l.room.ID, part.spans.Between(since, math.MaxInt64), l.viewer, part.own, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(list, func(m chat.Message) bool {
			readAt := r.AnyRead.At(m.CreatedAt)
			return part.own && 0 < readAt && readAt < since // that it reached one more shows nowhere
		})...)
	}
	return all, nil
}

// News is what was found for a device. Handed is to be called when the device has it, and
// Done in any case: another call of the same device waits for it.
type News struct {
	Messages []chat.MessageView
	Handed   func(context.Context) error
	Done     func()
}

// RoomsAndUnread lists, over all rooms of the caller, the newest visible message of each
// and the unread ones, the newest first. Once the device has them it counts as up to date.
func (s *Service) RoomsAndUnread(ctx context.Context, c chat.Caller) (News, error) {
	return s.news(ctx, c, func() (views, fresh []chat.MessageView, err error) {
		views, err = s.roomsAndUnread(ctx, c)
		return views, views, err
	})
}

// news runs find in the turn of the caller's device. Of the views that it finds those that
// are fresh are handed out.
func (s *Service) news(ctx context.Context, c chat.Caller, find func() (views, fresh []chat.MessageView, err error)) (News, error) {
	over, err := s.turns.take(ctx, turn{c.User, c.Login.Device})
	if err != nil {
		return News{}, err
	}
	found := false
	defer func() {
		if !found {
			over()
		}
	}()
	at := s.now().UnixMilli()
	views, fresh, err := find()
	if err != nil {
		return News{}, err
	}
	found = true
	return News{Messages: fresh, Handed: s.synced(c, at, views), Done: over}, nil
}

func (s *Service) roomsAndUnread(ctx context.Context, c chat.Caller) ([]chat.MessageView, error) {
	user, err := s.store.User(ctx, c.App.ID, c.User)
	if err != nil {
		return nil, err
	}
	rooms, _, err := s.store.RoomList(ctx, user, nil, wholeRoom())
	if err != nil {
		return nil, err
	}
	views := make([]chat.MessageView, 0, len(rooms))
	extra := 0
	for _, sum := range rooms {
		views = append(views, sum.Last)
		newest := sum.Last.Sender.ID != c.User && !sum.Last.Read && !sum.Last.Deleted()
		if sum.Unread == 0 || extra >= maxUnreadInAll || sum.Unread == 1 && newest {
			continue // none, or the one that is in the list already
		}
		unread, err := s.unreadOf(ctx, c, sum, min(maxUnreadShown, maxUnreadInAll-extra))
		if err != nil {
			return nil, err
		}
		extra += len(unread)
		views = append(views, unread...)
	}
	slices.SortStableFunc(views, func(a, b chat.MessageView) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return views, nil
}

// unreadOf lists unread messages of a room but for its newest message, which is in the
// list already. What lies between them and was read does not come: some SDKs take it for a
// sign that all before it was.
func (s *Service) unreadOf(ctx context.Context, c chat.Caller, sum chat.RoomSummary, limit int) ([]chat.MessageView, error) {
	_, member, err := s.store.RoomByIDFor(ctx, c.App.ID, sum.Last.Room.ID, c.User)
	if err != nil {
		return nil, err
	}
	l, err := s.lens(ctx, c.App.ID, c.User, *sum.Last.Room)
	if err != nil {
		return nil, err
	}
	messages, err := s.store.UnreadMessages(ctx, sum.Last.Room.ID, c.User, max(member.ReadUpTo, member.ClearedAt), limit)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, l, messages)
	return slices.DeleteFunc(views, func(v chat.MessageView) bool {
		return v.Read || v.Gone || v.ID == sum.Last.ID
	}), err
}

const (
	// syncOverlap is how far NewAndUpdated looks back behind where the device is: what was
	// under way then may have been committed since. What it has handed out of that time it
	// remembers, so that nothing comes twice.
	syncOverlap = 30_000 // ms
	// maxCatchUp bounds the messages that one call hands out of one room.
	maxCatchUp = 500
	// deviceTimeout bounds the wait for a connected device to say what has reached it.
	deviceTimeout = 500 * time.Millisecond
)

// NewAndUpdated lists what is new to the caller's device or has changed since it was last
// up to date, over all rooms, the oldest first. A device that was never seen gets what
// RoomsAndUnread gives.
func (s *Service) NewAndUpdated(ctx context.Context, c chat.Caller) (News, error) {
	return s.news(ctx, c, func() (views, fresh []chat.MessageView, err error) {
		asking, cancel := context.WithTimeout(ctx, deviceTimeout)
		arrived := s.live.Handed(asking, c.App.ID, c.User, c.Login.Device)
		cancel()
		// Afterwards: when a session ends, what it knows is stored before it is gone.
		since, remembered, found, err := s.store.Synced(ctx, c.User, c.Login.Device)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			views, err = s.roomsAndUnread(ctx, c)
			slices.Reverse(views)
			return views, views, err
		}
		if views, err = s.changedSince(ctx, c, since-syncOverlap); err != nil {
			return nil, nil, err
		}
		known := decodeHanded(remembered)
		merge(known, arrived)
		fresh = slices.DeleteFunc(slices.Clone(views), func(v chat.MessageView) bool { return known[v.ID] == v.State(c.User) })
		return views, fresh, nil
	})
}

// changedSince lists what is new or has changed in all rooms of the caller, the oldest first.
func (s *Service) changedSince(ctx context.Context, c chat.Caller, since int64) (views []chat.MessageView, err error) {
	user, err := s.store.User(ctx, c.App.ID, c.User)
	if err != nil {
		return nil, err
	}
	rooms, err := s.store.ChangedRooms(ctx, user, since, chat.MaxAnswer)
	if err != nil {
		return nil, err
	}
	for _, id := range rooms {
		room, member, err := s.store.RoomByIDFor(ctx, c.App.ID, id, c.User)
		if err != nil {
			return nil, err
		}
		part, _, err := s.changedIn(ctx, c, room, member, member.ClearedAt, since, maxCatchUp)
		if err != nil {
			return nil, err
		}
		views = append(views, part...)
	}
	slices.SortStableFunc(views, func(a, b chat.MessageView) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	return views, nil
}

// synced returns what notes that the caller's device has everything up to a time, these
// views among it.
func (s *Service) synced(c chat.Caller, at int64, views []chat.MessageView) func(context.Context) error {
	kept := make(map[chat.MessageID]int64, min(len(views), maxRemembered))
	for _, v := range slices.Backward(views) {
		if len(kept) < maxRemembered {
			kept[v.ID] = v.State(c.User)
		}
	}
	return func(ctx context.Context) error {
		if c.Login.Device == "" {
			return nil
		}
		text, err := encodeHanded(kept)
		if err != nil {
			return err
		}
		return s.store.Write(ctx, shardOf(c.App.ID, "user", c.User.String()), func(ctx context.Context, tx *store.Tx) error {
			return tx.SetHandedOut(ctx, c.User, c.Login.Device, at, text)
		})
	}
}

// DeviceState is how far a device is with what comes over its socket.
type DeviceState struct {
	Began  int64 // Unix ms: when the session did
	SeenAt int64 // Unix ms: up to when the device has had everything that happened since
	// Handed are the messages that have reached it lately, with their states.
	Handed map[chat.MessageID]int64
}

// NoteDevice notes how far a device is, and that its user was there. A device that has not
// caught up since its session began lacks what was before.
func (s *Service) NoteDevice(ctx context.Context, c chat.Caller, d DeviceState) error {
	current := s.live.Current()
	return s.store.Write(ctx, shardOf(c.App.ID, "user", c.User.String()), func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SetActive(ctx, c.App.ID, c.User, d.SeenAt); err != nil {
			return err
		}
		synced, remembered, found, err := tx.SyncedForUpdate(ctx, c.User, c.Login.Device)
		if err != nil || !found {
			return err // a device that has never asked for its rooms has nothing yet, and stays unknown
		}
		moves := current && synced >= d.Began && d.SeenAt > synced
		if !moves && len(d.Handed) == 0 {
			return nil
		}
		known := map[chat.MessageID]int64{}
		if !moves || synced >= d.SeenAt-syncOverlap {
			known = decodeHanded(remembered)
		}
		merge(known, d.Handed)
		if moves {
			synced = d.SeenAt
		}
		text, err := encodeHanded(known)
		if err != nil {
			return err
		}
		return tx.SetHandedOut(ctx, c.User, c.Login.Device, synced, text)
	})
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
	l, err := s.lens(ctx, c.App.ID, c.User, room)
	if err != nil {
		return nil, err
	}
	messages, err := s.store.SharedMessages(ctx, room.ID, max(low, member.ClearedAt), high, oldestFirst, maxShared)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, l, messages)
	return slices.DeleteFunc(views, func(v chat.MessageView) bool { return v.Gone }), err
}
