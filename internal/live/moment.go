package live

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
)

// preference notifies a user's devices of what the user has set for a room. By a second try that may
// have been changed again: what is there counts.
func (l *Live) preference(ctx context.Context, e *chat.PreferenceChanged, again bool) error {
	if !l.hub.Here(e.App, e.User) {
		return nil
	}
	room, err := l.views.Room(ctx, e.App, e.Room, 0)
	if err != nil {
		return err
	}
	pref := e.Preference
	if again || e.Unsure || l.o.Bus != nil { // of two changes made on two nodes the older one may arrive last
		set, err := l.o.Store.Preference(ctx, e.Room, e.User)
		if err != nil {
			return err
		}
		pref = settled(pref.Kind, set)
	}
	partner, err := l.views.Partner(ctx, room, e.User)
	if err != nil {
		return err
	}
	if frame := wire.PreferenceEvent(pref, room, partner); frame != nil { // nil where no event tells of it
		l.hub.Notify(e.App, []chat.UserID{e.User}, hub.NewFrame(frame))
	}
	return nil
}

// settled is a preference as it is by now.
func settled(kind chat.PreferenceKind, set store.Setting) chat.Preference {
	pref := chat.Preference{Kind: kind}
	switch kind {
	case chat.PreferUnread:
		pref.On = set.UnreadFlag
	case chat.PreferMuted:
		if pref.On = set.Muted; set.Muted {
			pref.Until = set.MutedUntil
		}
	case chat.PreferPinned:
		pref.On = set.Pinned
	case chat.PreferCleared:
		pref.On = set.Cleared
	}
	return pref
}

// typing notifies the others in a room that a user has started or stopped typing.
func (l *Live) typing(ctx context.Context, e *chat.Typing) error {
	members, err := l.hub.Members(ctx, e.App, e.Room, 0)
	if err != nil || len(members) == 0 || len(members) == 1 && members[0] == e.User {
		return err
	}
	room, err := l.views.Room(ctx, e.App, e.Room, 0)
	if err != nil {
		return err
	}
	user, err := l.views.User(ctx, e.App, e.User)
	if err != nil {
		return err
	}
	name := wire.EventStopTyping
	if e.Started {
		name = wire.EventStartTyping
	}
	f := hub.NewFrame(wire.TypingEvent(name, room.PublicID(), user))
	return l.hub.Broadcast(ctx, hub.Broadcast{Place: e.Place, Frame: f, Except: e.User})
}
