package live

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
	"parlor/internal/view"
)

// marked tells senders that their messages have arrived or were read, where nobody had
// done so before, and the reader's own devices what they have read. Who has left the room
// is not told any more.
func (l *Live) marked(ctx context.Context, e chat.Event) error {
	times := e.Times
	if e.Receipt == chat.Delivered || !l.hub.Here(e.App, e.User) {
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
			concerned[e.User] = append(concerned[e.User], t)
		}
		if _, first := slices.BinarySearch(e.First, t); first {
			concerned[sender] = append(concerned[sender], t)
		}
	}
	for id, times := range concerned {
		if err := l.toViewer(ctx, e, id, times); err != nil {
			return err
		}
	}
	return nil
}

// hidden tells a user's devices of messages that they have deleted for themself.
func (l *Live) hidden(ctx context.Context, e chat.Event) error {
	return l.toViewer(ctx, e, e.User, e.Times)
}

// maxAtOnce is how many messages a viewer is told of at once. What is more the devices are
// fed, as fast as they take it.
const maxAtOnce = 100

// toViewer tells one user how messages of a room look to them now, but for those that they
// had deleted for themself before, or cleared since.
func (l *Live) toViewer(ctx context.Context, e chat.Event, viewer chat.UserID, times []int64) error {
	if !l.hub.Here(e.App, viewer) {
		return nil
	}
	in, err := l.hub.IsMember(ctx, e.App, e.Room, viewer)
	if err != nil || !in && e.Kind == chat.EventMessagesMarked {
		return err
	}
	if l.hub.SkipBehind(e.App, viewer, e.Number, len(times) > maxAtOnce) {
		return nil
	}
	room, err := l.render.room(ctx, e.App, e.Room, 0)
	if err != nil {
		return err
	}
	lens, err := view.Open(ctx, l.o.Store, e.App, viewer, room)
	if err != nil {
		return err
	}
	keys := make([]store.SizedKey, len(times))
	for i, t := range times {
		keys[i].MessageKey = store.MessageKey{Room: e.Room, CreatedAt: t}
	}
	messages, err := l.o.Store.MessagesByKey(ctx, e.App, keys)
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
		if v.Gone == (e.Kind == chat.EventMessagesHidden) && !lens.Cleared(v.Message) {
			l.hub.ToUsers(e.App, []chat.UserID{viewer}, messageFrame(wire.EventUpdateMessage, v, viewer))
		}
	}
	return nil
}
