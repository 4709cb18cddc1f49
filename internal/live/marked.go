package live

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
	"parlor/internal/view"
)

// receipts tells senders that their messages have arrived or were read, where nobody had
// done so before, and the reader's own devices what they have read. Who has left the room
// is not told any more.
func (l *Live) receipts(ctx context.Context, e *chat.ReceiptsAdded) error {
	times := e.Times
	if e.Receipt == chat.Delivered || !l.hub.Here(e.App, e.Reader) {
		times = e.First
	}
	if len(times) == 0 {
		return nil
	}
	senders, err := l.o.Store.SendersAt(ctx, e.Room, times)
	if err != nil {
		return err
	}
	concerned := map[chat.UserID][]int64{}
	for _, t := range times {
		sender, ok := senders[t]
		if !ok {
			continue
		}
		if e.Receipt == chat.Read {
			concerned[e.Reader] = append(concerned[e.Reader], t)
		}
		if _, first := slices.BinarySearch(e.First, t); first {
			concerned[sender] = append(concerned[sender], t)
		}
	}
	for id, times := range concerned {
		if err := l.toViewer(ctx, news{e.Place, e.Number, times, false}, id); err != nil {
			return err
		}
	}
	return nil
}

// hidden tells a user's devices of messages that they have deleted for themself.
func (l *Live) hidden(ctx context.Context, e *chat.MessagesHidden) error {
	return l.toViewer(ctx, news{e.Place, e.Number, e.Times, true}, e.User)
}

// maxAtOnce is how many messages a viewer is told of at once. What is more the devices are
// fed, as fast as they take it.
const maxAtOnce = 100

// news is messages of a room that look different to somebody.
type news struct {
	chat.Place
	number int64   // of the change
	times  []int64 // created_at of the messages
	gone   bool    // the viewer has deleted them for themselves
}

// toViewer tells one user how messages of a room look to them now, but for those that they
// had deleted for themself before, or cleared since.
func (l *Live) toViewer(ctx context.Context, n news, viewer chat.UserID) error {
	if !l.hub.Here(n.App, viewer) {
		return nil
	}
	in, err := l.hub.IsMember(ctx, n.App, n.Room, viewer)
	if err != nil || !in && !n.gone {
		return err
	}
	if l.hub.SkipBehind(n.App, viewer, n.number, len(n.times) > maxAtOnce) {
		return nil
	}
	room, err := l.views.Room(ctx, n.App, n.Room, 0)
	if err != nil {
		return err
	}
	lens, err := view.Open(ctx, l.o.Store, n.App, viewer, room)
	if err != nil {
		return err
	}
	keys := make([]store.SizedKey, len(n.times))
	for i, t := range n.times {
		keys[i].MessageKey = store.MessageKey{Room: n.Room, CreatedAt: t}
	}
	messages, err := l.o.Store.MessagesByKey(ctx, n.App, keys)
	if err != nil {
		return err
	}
	views, err := lens.Messages(ctx, messages)
	if err != nil {
		return err
	}
	for i := range views {
		v := views[i]
		// What was hidden is told by the event that says so, if it was stored.
		if v.Gone == n.gone && !lens.Cleared(v.Message) {
			l.hub.ToUsers(n.App, []chat.UserID{viewer}, messageFrame(wire.EventUpdateMessage, v, viewer))
		}
	}
	return nil
}
