package live

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/view"
	"parlor/internal/wire"
)

// changed tells everybody in the room of an edited or deleted message: as it is now, since
// of two changes that were made on two nodes the older one may be heard last.
func (l *Live) changed(ctx context.Context, e chat.Event) error {
	members, err := l.hub.Members(ctx, e.App, e.Room, 0)
	if err != nil || len(members) == 0 {
		return err
	}
	room, err := l.render.room(ctx, e.App, e.Room, 0)
	if err != nil {
		return err
	}
	// Receipts first: a view must not say that it changed later than its text.
	key := store.MessageKey{Room: e.Room, CreatedAt: e.Message.CreatedAt}
	among, err := l.o.Store.ReceiptsOfViewers(ctx, key, members)
	if err != nil {
		return err
	}
	current, err := l.o.Store.MessagesByKey(ctx, e.App, []store.SizedKey{{MessageKey: key}})
	if err != nil || len(current) == 0 {
		return err
	}
	m := &current[0]
	sender, err := l.render.user(ctx, e.App, m.Sender)
	if err != nil {
		return err
	}
	var out []outgoing
	groups := map[looks]*group{} // by what differs between those who did not write it
	for _, id := range members {
		theirs := among[id]
		if theirs.Gone {
			continue
		}
		v := view.Message(m, room, theirs.Receipts, id)
		v.Sender = sender
		if id != m.Sender && room.Type != chat.Personal {
			add(groups, v, id)
			continue
		}
		if v.Partner, err = l.render.partner(ctx, room, id); err != nil {
			return err
		}
		out = append(out, outgoing{[]chat.UserID{id}, messageFrame(wire.EventUpdateMessage, v, id)})
	}
	for _, g := range groups {
		out = append(out, outgoing{g.users, messageFrame(wire.EventUpdateMessage, g.view, g.users[0])})
	}
	l.hand(e.App, out)
	return nil
}

// looks is what differs in a message between viewers who did not write it.
type looks struct {
	read, delivered bool
	changedAt       int64
}

// group is viewers to whom a message looks the same.
type group struct {
	view  chat.MessageView
	users []chat.UserID
}

func add(groups map[looks]*group, v chat.MessageView, user chat.UserID) {
	kind := looks{v.Read, v.Delivered, v.ChangedAt}
	g := groups[kind]
	if g == nil {
		g = &group{view: v}
		groups[kind] = g
	}
	g.view.Number = max(g.view.Number, v.Number)
	g.users = append(g.users, user)
}
