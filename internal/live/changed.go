package live

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
	"parlor/internal/view"
)

// changed tells everybody in the room of an edited or deleted message: as it is now, since
// of two changes that were made on two nodes the older one may be heard last.
func (l *Live) changed(ctx context.Context, e *chat.MessageChanged) error {
	members, err := l.hub.Members(ctx, e.App, e.Room, 0)
	if err != nil || len(members) == 0 {
		return err
	}
	key := store.MessageKey{Room: e.Room, CreatedAt: e.Message.CreatedAt}
	out, err := l.asSeen(ctx, wire.EventUpdateMessage, e.App, key, members)
	l.hand(e.App, out)
	return err
}

// asSeen renders a message as each of users sees it now, but for those for whom it is gone.
func (l *Live) asSeen(ctx context.Context, event string, app chat.AppID, key store.MessageKey, users []chat.UserID) (out []outgoing, err error) {
	room, err := l.render.room(ctx, app, key.Room, 0)
	if err != nil {
		return nil, err
	}
	// Receipts first: a view must not say that it changed later than its text.
	among, err := l.o.Store.ReceiptsOfViewers(ctx, key, users)
	if err != nil {
		return nil, err
	}
	current, err := l.o.Store.MessagesByKey(ctx, app, []store.SizedKey{{MessageKey: key}})
	if err != nil || len(current) == 0 {
		return nil, err
	}
	m := &current[0]
	sender, err := l.render.user(ctx, app, m.Sender)
	if err != nil {
		return nil, err
	}
	groups := map[looks]*group{} // by what differs between those who did not write it
	for _, id := range users {
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
			return nil, err
		}
		out = append(out, outgoing{[]chat.UserID{id}, messageFrame(event, v, id)})
	}
	for _, g := range groups {
		out = append(out, outgoing{g.users, messageFrame(event, g.view, g.users[0])})
	}
	return out, nil
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
