package client

import (
	"encoding/json"
	"fmt"
)

// Event is what a Stream tells of. It is one of the types below; later versions may have more.
type Event interface{ event() }

// MessageSent brings a message that the Stream has not shown before. The user's own messages come, too.
type MessageSent struct{ Message Message }

// MessageChanged brings a message as it now is: edited, deleted, read, or received by somebody.
type MessageChanged struct{ Message Message }

// Typing tells that somebody else has started to write in a room, or stopped. It is not kept for those who
// are away.
type Typing struct {
	RoomID RoomID
	User   User
	On     bool
}

// Presence tells that a user has come or gone: a partner of a personal room, or a contact.
type Presence struct {
	User       User `json:"user"`
	Online     bool `json:"isOnline"`
	LastActive Time `json:"lastActive"`
}

// UserChanged brings a changed profile: the user's own, or that of a partner or contact.
type UserChanged struct{ User User }

// RoomPreference tells what the user has set for a room on another device.
type RoomPreference struct {
	Change PreferenceChange
	Room   Room `json:"room"`
	Until  Time `json:"expiredAt"` // of RoomMuted; zero for good
}

// PreferenceChange says what was set for a room.
type PreferenceChange string

// The changes of a RoomPreference.
const (
	RoomMarkedUnread PreferenceChange = "room/markAsUnread"
	RoomMarkedRead   PreferenceChange = "room/markAsRead"
	RoomMuted        PreferenceChange = "room/mute"
	RoomUnmuted      PreferenceChange = "room/unmute"
	RoomPinned       PreferenceChange = "room/pin"
	RoomUnpinned     PreferenceChange = "room/unpin"
	RoomCleared      PreferenceChange = "room/clearChat"
)

// BlockChanged tells that the user has blocked somebody on whichever device, or has ended that. On says which.
type BlockChanged struct {
	User User // who is blocked, or no longer
	On   bool
}

// ScheduleChanged tells that what the user has scheduled for a room has changed, on whichever device, or since a
// message was due: Device.Scheduled says what it is now. A personal room may not be there yet.
type ScheduleChanged struct {
	Room Room `json:"room"`
	At   Time `json:"timestamp"`
}

// Connected tells that the Stream is connected and has asked for what was missed; the messages of that come
// next. What else has happened meanwhile, such as changed profiles and preferences, does not come by itself:
// ask for it where it matters.
type Connected struct{ Again bool }

// Disconnected tells that the connection was lost. The Stream connects again by itself.
type Disconnected struct{ Err error }

// Unknown is an event that this package does not know, or cannot read: then Err says why.
type Unknown struct {
	Name string
	Data json.RawMessage
	Err  error
}

func (MessageSent) event()     {}
func (MessageChanged) event()  {}
func (Typing) event()          {}
func (Presence) event()        {}
func (UserChanged) event()     {}
func (RoomPreference) event()  {}
func (BlockChanged) event()    {}
func (ScheduleChanged) event() {}
func (Connected) event()       {}
func (Disconnected) event()    {}
func (Unknown) event()         {}

const (
	frameSendMessage   = "chat/sendMessage"
	frameUpdateMessage = "chat/updateMessage"
	frameStartTyping   = "chat/startTyping"
	frameStopTyping    = "chat/stopTyping"
	frameUserStatus    = "user/status"
	frameUserUpdated   = "user/updated"
	frameBlock         = "user/block"
	frameUnblock       = "user/unblock"
	frameSchedule      = "room/scheduleMessage"
)

// decodeFrame reads a frame of the server's.
func decodeFrame(text []byte) Event {
	var frame struct {
		EventName string
		Data      json.RawMessage
	}
	if err := json.Unmarshal(text, &frame); err != nil {
		return Unknown{Data: text, Err: fmt.Errorf("client: a frame that is none: %w", err)}
	}
	event, err := decodeEvent(frame.EventName, frame.Data)
	if err != nil {
		err = fmt.Errorf("client: a frame %s: %w", frame.EventName, err)
		return Unknown{Name: frame.EventName, Data: frame.Data, Err: err}
	}
	return event
}

func decodeEvent(name string, data json.RawMessage) (Event, error) {
	switch name {
	case frameSendMessage:
		var e MessageSent
		err := json.Unmarshal(data, &e.Message)
		return e, err
	case frameUpdateMessage:
		var e MessageChanged
		err := json.Unmarshal(data, &e.Message)
		return e, err
	case frameStartTyping, frameStopTyping:
		e := Typing{On: name == frameStartTyping}
		err := json.Unmarshal(data, &e)
		return e, err
	case frameUserStatus:
		var e Presence
		err := json.Unmarshal(data, &e)
		return e, err
	case frameUserUpdated:
		var e UserChanged
		err := json.Unmarshal(data, &e.User)
		return e, err
	case frameBlock, frameUnblock:
		e := BlockChanged{On: name == frameBlock}
		err := json.Unmarshal(data, &e)
		return e, err
	case frameSchedule:
		var e ScheduleChanged
		err := json.Unmarshal(data, &e)
		return e, err
	}
	switch change := PreferenceChange(name); change {
	case RoomMarkedUnread, RoomMarkedRead, RoomMuted, RoomUnmuted, RoomPinned, RoomUnpinned, RoomCleared:
		e := RoomPreference{}
		err := json.Unmarshal(data, &e)
		e.Change = change
		return e, err
	}
	return Unknown{Name: name, Data: data}, nil
}
