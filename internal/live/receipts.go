package live

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
	"parlor/internal/view"
)

// receipts notifies senders that their messages were delivered or read by a first user, and the
// reader's own devices of what the reader has read. It notifies nobody who has left the room.
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
		if err := l.toViewer(ctx, update{e.Place, e.Number, times, false}, id); err != nil {
			return err
		}
	}
	return nil
}

// hidden notifies a user's devices of messages that the user has deleted for themselves.
func (l *Live) hidden(ctx context.Context, e *chat.MessagesHidden) error {
	return l.toViewer(ctx, update{e.Place, e.Number, e.Times, true}, e.User)
}

// maxAtOnce is how many messages a viewer is notified of at once. Beyond that the devices are
// fed, as fast as they take it.
const maxAtOnce = 100

// update is messages of a room that look different to a viewer.
type update struct {
	chat.Place
	number int64   // of the change
	times  []int64 // created_at of the messages
	gone   bool    // the viewer has deleted them for themselves
}

// toViewer notifies one user how messages of a room look to them now, except those that they
// had deleted for themselves before, or cleared since.
func (l *Live) toViewer(ctx context.Context, u update, viewer chat.UserID) error {
	if !l.hub.Here(u.App, viewer) {
		return nil
	}
	in, err := l.hub.IsMember(ctx, u.App, u.Room, viewer)
	if err != nil || !in && !u.gone {
		return err
	}
	if l.hub.SkipBehind(u.App, viewer, u.number, len(u.times) > maxAtOnce) {
		return nil
	}
	room, err := l.views.Room(ctx, u.App, u.Room, 0)
	if err != nil {
		return err
	}
	lens, err := view.Open(ctx, l.o.Store, u.App, viewer, room)
	if err != nil {
		return err
	}
	keys := make([]store.SizedKey, len(u.times))
	for i, t := range u.times {
		keys[i].MessageKey = store.MessageKey{Room: u.Room, CreatedAt: t}
	}
	messages, err := l.o.Store.MessagesByKey(ctx, u.App, keys)
	if err != nil {
		return err
	}
	views, err := lens.Messages(ctx, messages)
	if err != nil {
		return err
	}
	for i := range views {
		v := views[i]
		// A hidden message is shown by the event that says so, if it was stored.
		if v.Gone == u.gone && !lens.Cleared(v.Message) {
			l.hub.Notify(u.App, []chat.UserID{viewer}, messageFrame(wire.EventUpdateMessage, v, viewer))
		}
	}
	return nil
}
