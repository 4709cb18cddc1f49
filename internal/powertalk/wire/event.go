package wire

import "parlor/internal/chat"

// The names of socket events (docs/protocol.md, "Events").
const (
	EventSendMessage   = "chat/sendMessage"
	EventUpdateMessage = "chat/updateMessage"
	EventStartTyping   = "chat/startTyping"
	EventStopTyping    = "chat/stopTyping"
	EventUserStatus    = "user/status"
	EventUserUpdated   = "user/updated"
	EventUserBlocked   = "user/block"
	EventUserUnblocked = "user/unblock"
)

func event(name string) writer {
	return writer{b: append(append(append(make([]byte, 0, 2048), `{"eventName":"`...), name...), `","data":{`...)}
}

func (w *writer) finish() []byte {
	w.end()
	w.end()
	return w.b
}

// MessageEvent is the frame that brings a new or changed message.
func MessageEvent(name string, v *chat.MessageView) []byte {
	w := event(name)
	w.message(v, forDevices)
	return w.finish()
}

// ScheduledMessageEvent is the frame that brings a message to its sender's devices that its schedule
// has sent.
func ScheduledMessageEvent(v *chat.MessageView) []byte {
	w := event(EventSendMessage)
	w.message(v, forDevices)
	w.end()
	w.flag("isScheduled", true)
	w.end()
	return w.b
}

// TypingEvent is the frame that says that u has started or stopped typing.
func TypingEvent(name, roomID string, u *chat.User) []byte {
	w := event(name)
	w.str("roomID", roomID)
	w.open("user")
	w.deviceUser(u)
	w.end()
	return w.finish()
}

// StatusEvent is the frame that says whether u is online.
func StatusEvent(u *chat.User, online bool, lastActive int64) []byte {
	w := event(EventUserStatus)
	w.open("user")
	w.deviceUser(u)
	w.end()
	w.flag("isOnline", online)
	w.num("lastActive", lastActive)
	return w.finish()
}

// BlockEvent is the frame that tells a user's devices that the user has blocked u, or no longer does.
func BlockEvent(u *chat.User, on bool) []byte {
	name := EventUserBlocked
	if !on {
		name = EventUserUnblocked
	}
	w := event(name)
	w.open("user")
	w.deviceUser(u)
	w.end()
	return w.finish()
}

// UserEvent is the frame that brings a changed profile.
func UserEvent(u *chat.User) []byte {
	w := event(EventUserUpdated)
	w.deviceUser(u)
	return w.finish()
}

// Message is a message object by itself, as devices get it in push notifications.
func Message(v *chat.MessageView) []byte {
	w := writer{b: append(make([]byte, 0, 2048), '{')}
	w.message(v, forDevices)
	w.end()
	return w.b
}
