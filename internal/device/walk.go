package device

import (
	"context"
	"math"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
)

// walk goes through a user's rooms, in the order of their ids, and through what changes of
// some numbers have done in each, in the order of the messages' times.
type walk struct {
	store   *store.Store
	user    *chat.User
	rooms   int // looked at together
	numbers store.Numbers
	at      store.MessageKey // the last message that was delivered
}

// page is a part of a walk.
type page struct {
	views []chat.MessageView
	next  store.MessageKey // the last message of the page, or beyond the last room
	bytes int
	done  bool // nothing lies behind it
}

// budget is what a page may still hold.
type budget struct{ messages, bytes int }

// beyond is behind every message of a room.
func beyond(room chat.RoomID) store.MessageKey {
	return store.MessageKey{Room: room, CreatedAt: math.MaxInt64}
}

// page returns what comes next, as far as the budget goes.
func (w *walk) page(ctx context.Context, left budget) (p page, err error) {
	p.next = w.at
	for left.messages > 0 && left.bytes > 0 {
		part, err := w.batch(ctx, p.next, left)
		if err != nil {
			return page{}, err
		}
		p.views = append(p.views, part.views...)
		p.bytes += part.bytes
		left.messages, left.bytes = left.messages-len(part.views), left.bytes-part.bytes
		p.next = part.next
		if part.done {
			p.done = true
			break
		}
	}
	return p, nil
}

// batch returns what comes next in some rooms.
func (w *walk) batch(ctx context.Context, from store.MessageKey, left budget) (p page, err error) {
	first := from.Room
	if from.CreatedAt == math.MaxInt64 {
		first++
	}
	ids, err := w.store.ChangedRooms(ctx, w.user, w.numbers.From, first, w.rooms)
	if err != nil {
		return p, err
	}
	if len(ids) == 0 {
		p.next, p.done = beyond(math.MaxInt64-1), true
		return p, nil
	}
	members, err := w.store.RoomsFor(ctx, w.user.App, ids, w.user.ID)
	if err != nil {
		return p, err
	}
	rooms := make([]*chat.Room, len(members))
	stretches := make([]store.Stretch, len(members))
	for i := range members {
		m := &members[i]
		rooms[i] = &m.Room
		part := store.Stretch{Room: m.Room.ID, After: m.Member.ClearedAt, Last: math.MaxInt64}
		if last := m.Member.Last(); last > 0 {
			part.Last = last
		}
		if m.Room.ID == from.Room {
			part.After = max(part.After, from.CreatedAt)
		}
		stretches[i] = part
	}
	lens, err := view.Open(ctx, w.store, w.user.App, w.user.ID, rooms...)
	if err != nil {
		return p, err
	}
	keys, more, err := w.keys(ctx, lens, stretches, left)
	if err != nil {
		return p, err
	}
	messages, err := w.store.MessagesByKey(ctx, w.user.App, keys)
	if err != nil {
		return p, err
	}
	if p.views, err = lens.Messages(ctx, messages); err != nil {
		return p, err
	}
	for _, k := range keys {
		p.bytes += int(k.Size)
	}
	if p.next = beyond(ids[len(ids)-1]); more {
		p.next = keys[len(keys)-1].MessageKey
	}
	return p, nil
}

// keys finds what comes next in stretches of rooms: messages that were appended, edited, hidden
// or got a receipt, each once. more says that the budget was used up before their end.
func (w *walk) keys(
	ctx context.Context, lens *view.Lens, in []store.Stretch, left budget,
) (keys []store.SizedKey, more bool, err error) {
	limit := left.messages + 1
	var all []store.SizedKey
	for _, find := range []func() ([]store.SizedKey, error){
		func() ([]store.SizedKey, error) { return w.store.EditedKeys(ctx, in, w.numbers, limit) },
		func() ([]store.SizedKey, error) { return w.hidden(ctx, in, lens, limit) },
		func() ([]store.SizedKey, error) { return w.receipted(ctx, in, anyRead, lens, limit) },
		func() ([]store.SizedKey, error) { return w.receipted(ctx, in, anyDelivered, lens, limit) },
		func() ([]store.SizedKey, error) { return w.receipted(ctx, in, ownRead, lens, limit) },
		// Last: where a message has been found, by a change beyond the horizon, so are those before it.
		func() ([]store.SizedKey, error) { return w.store.AddedKeys(ctx, in, w.numbers, limit) },
	} {
		found, err := find()
		if err != nil {
			return nil, false, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b store.SizedKey) int { return a.Compare(b.MessageKey) })
	all = slices.CompactFunc(all, func(a, b store.SizedKey) bool { return a.MessageKey == b.MessageKey })
	bytes := 0
	for i, k := range all {
		if i > 0 && bytes+int(k.Size) > left.bytes || i == left.messages {
			return all[:i], true, nil
		}
		bytes += int(k.Size)
	}
	return all, false, nil
}

// hidden lists messages in the stretches that the user has deleted for themselves.
func (w *walk) hidden(ctx context.Context, in []store.Stretch, lens *view.Lens, limit int) ([]store.SizedKey, error) {
	var parts []store.Stretch
	for _, s := range in {
		if lens.Receipts(s.Room).Hides {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return w.store.HiddenKeys(ctx, w.user.ID, parts, w.numbers, limit)
}

// receiptSet is one of a viewer's sets of receipts in a room, and which messages show it.
type receiptSet struct {
	of  func(chat.Receipts) chat.Spans
	own bool // the viewer's own messages show it; otherwise those of others do
}

var (
	anyRead      = receiptSet{func(r chat.Receipts) chat.Spans { return r.AnyRead }, true}
	anyDelivered = receiptSet{func(r chat.Receipts) chat.Spans { return r.AnyDelivered }, true}
	ownRead      = receiptSet{func(r chat.Receipts) chat.Spans { return r.Read }, false} // on another device
)

// receipted lists messages in the stretches that got a receipt by changes of the walk's numbers.
// The spans of one set do not overlap, so each message comes once.
func (w *walk) receipted(
	ctx context.Context, in []store.Stretch, set receiptSet, lens *view.Lens, limit int,
) ([]store.SizedKey, error) {
	var parts []store.Stretch
	for _, s := range in {
		for _, span := range set.of(lens.Receipts(s.Room)).Between(w.numbers.From, w.numbers.Below) {
			part := store.Stretch{Room: s.Room, After: max(s.After, span.From-1), Last: min(s.Last, span.To)}
			if part.After < part.Last {
				parts = append(parts, part)
			}
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return w.store.KeysBySender(ctx, parts, w.user.ID, set.own, limit)
}
