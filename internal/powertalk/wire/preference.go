package wire

import "parlor/internal/chat"

// preferenceEvent is the name of the event that tells of a preference, "" for none.
func preferenceEvent(p chat.Preference) string {
	switch {
	case p.Kind == chat.PreferUnread && p.On:
		return "room/markAsUnread"
	case p.Kind == chat.PreferUnread:
		return "room/markAsRead"
	case p.Kind == chat.PreferMuted && p.On:
		return "room/mute"
	case p.Kind == chat.PreferMuted:
		return "room/unmute"
	case p.Kind == chat.PreferPinned && p.On:
		return "room/pin"
	case p.Kind == chat.PreferPinned:
		return "room/unpin"
	case p.Kind == chat.PreferCleared && p.On:
		return "room/clearChat"
	}
	return ""
}

// PreferenceEvent is the frame that tells a user's other devices what they have set for a
// room. It is nil for what no event tells of: a kind that this build does not know, and a room
// that is not cleared. Only a mute says when it ends: to some SDKs that alone means a mute.
func PreferenceEvent(p chat.Preference, r *chat.Room, partner *chat.User) []byte {
	name := preferenceEvent(p)
	if name == "" {
		return nil
	}
	w := event(name)
	w.room(r, partner)
	if p.Kind == chat.PreferMuted && p.On {
		w.num("expiredAt", p.Until)
	}
	return w.finish()
}
