package view

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Shown is a message as it looks to some viewers.
type Shown struct {
	View    chat.MessageView
	Viewers []chat.UserID
}

// Sent shows a message that was just sent, as it looks to everybody in a room that is not
// personal.
func (l *Loader) Sent(ctx context.Context, e *chat.MessageSent) (chat.MessageView, error) {
	room, err := l.Room(ctx, e.App, e.Room, e.RoomUpdatedAt)
	if err != nil {
		return chat.MessageView{}, err
	}
	m := e.Message
	sender, err := l.User(ctx, e.App, m.Sender)
	return chat.MessageView{Message: m, Room: room, Sender: sender, ChangedAt: m.UpdatedAt, Number: m.Number}, err
}

// SentPersonally shows a message that was just sent to each of the two in a personal room,
// where v is what Sent shows.
func (l *Loader) SentPersonally(
	ctx context.Context, v chat.MessageView, viewers []chat.UserID,
) (list []Shown, err error) {
	for _, viewer := range viewers {
		if !v.VisibleTo(viewer) {
			continue
		}
		mine := v
		if mine.Partner, err = l.Partner(ctx, v.Room, viewer); err != nil {
			return nil, err
		}
		if v.Room.Pair.A == v.Room.Pair.B {
			mine.Read, mine.Delivered = true, true
		}
		list = append(list, Shown{mine, []chat.UserID{viewer}})
	}
	return list, nil
}

// Now shows a message as it is by now to each of viewers, except those for whom it is gone.
// Viewers to whom it looks the same are grouped.
func (l *Loader) Now(
	ctx context.Context, app chat.AppID, key store.MessageKey, viewers []chat.UserID,
) (list []Shown, err error) {
	room, err := l.Room(ctx, app, key.Room, 0)
	if err != nil {
		return nil, err
	}
	// Receipts first: a view must not say that it changed later than its text.
	among, err := l.store.ReceiptsOfViewers(ctx, key, viewers)
	if err != nil {
		return nil, err
	}
	current, err := l.store.MessagesByKey(ctx, app, []store.SizedKey{{MessageKey: key}})
	if err != nil || len(current) == 0 {
		return nil, err
	}
	m := &current[0]
	sender, err := l.User(ctx, app, m.Sender)
	if err != nil {
		return nil, err
	}
	groups := map[looks]int{} // places in list
	for _, id := range viewers {
		theirs := among[id]
		if theirs.Gone || !m.VisibleTo(id) {
			continue
		}
		v := Message(m, room, theirs.Receipts, id)
		v.Sender = sender
		if id == m.Sender || room.Type == chat.Personal {
			if v.Partner, err = l.Partner(ctx, room, id); err != nil {
				return nil, err
			}
			list = append(list, Shown{v, []chat.UserID{id}})
			continue
		}
		kind := looks{v.Read, v.Delivered, v.ChangedAt}
		at, known := groups[kind]
		if !known {
			at = len(list)
			groups[kind] = at
			list = append(list, Shown{View: v})
		}
		shown := &list[at]
		shown.View.Number = max(shown.View.Number, v.Number)
		shown.Viewers = append(shown.Viewers, id)
	}
	return list, nil
}

// looks is what differs in a message between viewers who did not write it.
type looks struct {
	read, delivered bool
	changedAt       int64
}
