package view

import (
	"context"
	"math"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Lens makes the views of some rooms' messages for one viewer. It must be
// opened before the messages are read: then a view may show a receipt late, but never says
// that it changed later than a text which it does not show yet.
type Lens struct {
	store    Source
	app      chat.AppID
	viewer   chat.UserID
	rooms    map[chat.RoomID]*chat.Room
	receipts map[chat.RoomID]chat.Receipts
}

// Open returns a lens for rooms of the App.
func Open(ctx context.Context, st Source, app chat.AppID, viewer chat.UserID, rooms ...*chat.Room) (*Lens, error) {
	l := &Lens{store: st, app: app, viewer: viewer, rooms: make(map[chat.RoomID]*chat.Room, len(rooms))}
	ids := make([]chat.RoomID, len(rooms))
	for i, r := range rooms {
		l.rooms[r.ID], ids[i] = r, r.ID
	}
	var err error
	l.receipts, err = st.ReceiptsOf(ctx, ids, viewer)
	return l, err
}

// Receipts are the viewer's in one of the lens's rooms.
func (l *Lens) Receipts(room chat.RoomID) chat.Receipts { return l.receipts[room] }

// Messages shows those messages of the lens's rooms that the viewer may ever see.
func (l *Lens) Messages(ctx context.Context, messages []chat.Message) ([]chat.MessageView, error) {
	messages = slices.DeleteFunc(messages, func(m chat.Message) bool { return !m.VisibleTo(l.viewer) })
	if len(messages) == 0 {
		return nil, nil
	}
	hidden, err := l.hidden(ctx, messages)
	if err != nil {
		return nil, err
	}
	// The sender of each and, in a personal room, the partner.
	people := make([]chat.UserID, 0, 2*len(messages))
	for _, m := range messages {
		partner := m.Sender
		if room := l.rooms[m.Room]; room.Type == chat.Personal {
			partner = room.Pair.Other(l.viewer)
		}
		people = append(people, m.Sender, partner)
	}
	users, err := l.store.Users(ctx, l.app, people)
	if err != nil {
		return nil, err
	}
	views := make([]chat.MessageView, len(messages))
	for i := range messages {
		m := &messages[i]
		room := l.rooms[m.Room]
		v := Message(m, room, l.receipts[m.Room], l.viewer)
		v.Sender = users[2*i]
		if room.Type == chat.Personal {
			v.Partner = users[2*i+1]
		}
		if by, gone := hidden[store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}]; gone {
			hide(&v, by)
		}
		views[i] = v
	}
	return views, nil
}

// Cleared reports whether the viewer has cleared the message's room since.
func (l *Lens) Cleared(m *chat.Message) bool { return l.receipts[m.Room].Cleared(m.CreatedAt) }

// Read reports whether the viewer has read somebody else's message.
func (l *Lens) Read(m *chat.Message) bool { return l.receipts[m.Room].Read.Has(m.CreatedAt) }

// hidden finds which of the messages the viewer has deleted for themselves. Few rooms have any.
func (l *Lens) hidden(ctx context.Context, messages []chat.Message) (map[store.MessageKey]store.Hide, error) {
	type bounds struct{ low, high int64 }
	within := map[chat.RoomID]bounds{}
	for _, m := range messages {
		if !l.receipts[m.Room].Hides {
			continue
		}
		b, ok := within[m.Room]
		if !ok {
			b.low = math.MaxInt64
		}
		within[m.Room] = bounds{min(b.low, m.CreatedAt), max(b.high, m.CreatedAt)}
	}
	hidden := map[store.MessageKey]store.Hide{}
	for room, b := range within {
		found, err := l.store.Hidden(ctx, room, l.viewer, b.low, b.high)
		if err != nil {
			return nil, err
		}
		for at, by := range found {
			hidden[store.MessageKey{Room: room, CreatedAt: at}] = by
		}
	}
	return hidden, nil
}
