package live

import (
	"context"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
)

// sent delivers a new message: one frame for all, or one for each of two. A recovered one goes
// to the sessions that were there when it was sent.
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
	v, err := l.views.Sent(ctx, e)
	if err != nil {
		return err
	}
	if v.Room.Type != chat.Personal {
		b := hub.Broadcast{
			Place: chat.Place{App: m.App, Room: m.Room}, Version: e.PeopleVersion,
			Frame: messageFrame(wire.EventSendMessage, v, 0), Also: leaver,
		}
		if !e.Scheduled || !slices.Contains(members, m.Sender) {
			return l.hub.Broadcast(ctx, b)
		}
		b.Except = m.Sender // whose devices get a frame of their own
		if err := l.hub.Broadcast(ctx, b); err != nil {
			return err // and nobody has got anything: it is tried again
		}
		l.hub.Notify(m.App, []chat.UserID{m.Sender}, scheduledFrame(v))
		return nil
	}
	list, err := l.views.SentPersonally(ctx, v, members)
	for _, shown := range list {
		frame := messageFrame(wire.EventSendMessage, shown.View, shown.Viewers[0])
		if e.Scheduled && shown.Viewers[0] == m.Sender {
			frame = scheduledFrame(shown.View)
		}
		l.hub.Notify(m.App, shown.Viewers, frame)
	}
	return err
}

// scheduledFrame is a message that its schedule has sent, as its sender sees it.
func scheduledFrame(v chat.MessageView) *hub.Frame {
	return hub.NewFrame(wire.ScheduledMessageEvent(&v), hub.ShownTo(v.Message.Sender, &v))
}

// left starts a feed for those who have left a room: some of what was said just before may have
// been delivered when they were no longer members.
func (l *Live) left(e *chat.ParticipantsLeft) {
	for _, id := range e.Users {
		l.hub.Skip(e.App, id, e.Number)
	}
}

// leaverOf is the user who is no longer a member but still gets this message, as the last.
func leaverOf(m *chat.Message) []chat.UserID {
	switch m.Action {
	case chat.ActionLeaveRoom:
		return []chat.UserID{m.Sender}
	case chat.ActionRemoveParticipant:
		return []chat.UserID{m.Target.User}
	}
	return nil
}

// clockMargin covers how far the clocks of nodes may be apart, and how long a commit may take.
const clockMargin = 2 * time.Second

// sentLate delivers a recovered message, as it is now: changes to it may have been delivered
// before. Devices whose session began after it ask for what came before.
func (l *Live) sentLate(ctx context.Context, m *chat.Message, users []chat.UserID) error {
	key := store.MessageKey{Room: m.Room, CreatedAt: m.CreatedAt}
	list, err := l.views.Now(ctx, m.App, key, users)
	for _, shown := range list {
		frame := messageFrame(wire.EventSendMessage, shown.View, shown.Viewers[0])
		frame.Late, frame.Until = m.Added, time.UnixMilli(m.CreatedAt).Add(clockMargin)
		l.hub.Notify(m.App, shown.Viewers, frame)
	}
	return err
}

// messageFrame is a message as viewer sees it; 0 is everybody, where that is the same.
func messageFrame(event string, v chat.MessageView, viewer chat.UserID) *hub.Frame {
	return hub.NewFrame(wire.MessageEvent(event, &v), hub.ShownTo(viewer, &v))
}
