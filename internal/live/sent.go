package live

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
)

// sent tells of a new message: one frame for all, or one for each of two. A recovered one
// goes to the sessions that were there when it was sent.
func (l *Live) sent(ctx context.Context, e *chat.MessageSent, recovered bool) error {
	m := e.Message
	if !l.hub.Anybody(m.App) {
		return nil
	}
	members, err := l.hub.Members(ctx, m.App, m.Room, e.PeopleVersion)
	if err != nil {
		return err
	}
	leaver := leaverOf(m)
	if len(members) == 0 && len(leaver) == 0 {
		return nil
	}
	if recovered {
		return l.sentLate(ctx, m, append(members, leaver...))
	}
	room, err := l.render.room(ctx, m.App, m.Room, e.RoomUpdatedAt)
	if err != nil {
		return err
	}
	sender, err := l.render.user(ctx, m.App, m.Sender)
	if err != nil {
		return err
	}
	v := chat.MessageView{Message: m, Room: room, Sender: sender, ChangedAt: m.UpdatedAt, Number: m.Number}
	if room.Type != chat.Personal {
		return l.hub.ToRoom(ctx, m.App, m.Room, e.PeopleVersion, messageFrame(wire.EventSendMessage, v, 0), 0, leaver...)
	}
	var out []outgoing // first all, then none can fail: what was sent would be sent again
	for _, viewer := range members {
		mine := v
		if mine.Partner, err = l.render.partner(ctx, room, viewer); err != nil {
			return err
		}
		if room.Pair.A == room.Pair.B {
			mine.Read, mine.Delivered = true, true
		}
		out = append(out, outgoing{[]chat.UserID{viewer}, messageFrame(wire.EventSendMessage, mine, viewer)})
	}
	l.hand(m.App, out)
	return nil
}

// left has those fed who have left a room: of what was said just before, some may have been
// told when they were no members any more.
func (l *Live) left(e *chat.ParticipantsLeft) {
	for _, id := range e.Users {
		l.hub.Skip(e.App, id, e.Number)
	}
}

// leaverOf is who is no member any more but gets this message as the last.
func leaverOf(m *chat.Message) []chat.UserID {
	switch m.Action {
	case chat.ActionLeaveRoom:
		return []chat.UserID{m.Sender}
	case chat.ActionRemoveParticipant:
		return []chat.UserID{m.Target.User}
	}
	return nil
}

// clockMargin is how far the clocks of nodes may be apart, and how long a commit may take.
const clockMargin = 2 * time.Second

// sentLate tells of a recovered message, as it is now: changes of it may have been told
// before. Whose session began behind it asks for what was before.
func (l *Live) sentLate(ctx context.Context, m *chat.Message, users []chat.UserID) error {
	key := store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}
	out, err := l.asSeen(ctx, wire.EventSendMessage, m.App, key, users)
	for _, o := range out {
		o.frame.Late, o.frame.Until = m.Added, time.UnixMilli(m.CreatedAt).Add(clockMargin)
	}
	l.hand(m.App, out)
	return err
}

// messageFrame is a message as viewer sees it; 0 is everybody, where that is the same.
func messageFrame(event string, v chat.MessageView, viewer chat.UserID) *hub.Frame {
	return hub.NewFrame(wire.MessageEvent(event, &v), hub.ShownTo(viewer, &v))
}

// outgoing is a frame for some users.
type outgoing struct {
	users []chat.UserID
	frame *hub.Frame
}

func (l *Live) hand(app chat.AppID, list []outgoing) {
	for _, o := range list {
		l.hub.ToUsers(app, o.users, o.frame)
	}
}
