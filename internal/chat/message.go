package chat

import "unicode/utf16"

// MessageType is the kind of a Message, with the wire's numbers.
type MessageType int

// The message types that the server API may send, besides 3000 to 3999, which belong to
// the customer, and the type that Parlor writes itself.
const (
	TextMessage    MessageType = 1001
	ImageMessage   MessageType = 1002
	ProductMessage MessageType = 2001
	firstCustom    MessageType = 3000
	lastCustom     MessageType = 3999
	SystemMessage  MessageType = 9001
)

// The other types that clients edit, or that Parlor writes a body for.
const (
	VideoMessage MessageType = 1003
	FileMessage  MessageType = 1004
	LinkMessage  MessageType = 1010
	firstClient  MessageType = 1000
	lastClient   MessageType = 8999
)

// FromClient reports whether an SDK may send messages of this type. What is above is
// Parlor's own, or local to a device.
func (t MessageType) FromClient() bool { return t >= firstClient && t <= lastClient }

// EditableTo reports whether an edit may turn a message of type t into one of type to:
// a text becomes a link when an address appears in it, and back.
func (t MessageType) EditableTo(to MessageType) bool {
	switch t {
	case TextMessage, LinkMessage:
		return to == TextMessage || to == LinkMessage
	case ImageMessage, VideoMessage:
		return to == t
	}
	return false
}

// FromBackend reports whether the backend may send messages of this type.
func (t MessageType) FromBackend() bool {
	return t == TextMessage || t == ImageMessage || t == ProductMessage || t >= firstCustom && t <= lastCustom
}

// Action says what a system message tells of.
type Action string

// The actions that Parlor writes.
const (
	ActionNone              Action = ""
	ActionCreateRoom        Action = "room/create"
	ActionUpdateRoom        Action = "room/update"
	ActionAddParticipant    Action = "room/addParticipant"
	ActionRemoveParticipant Action = "room/removeParticipant"
	ActionLeaveRoom         Action = "room/leave"
	ActionDeleteRoom        Action = "room/delete"
	ActionPromoteAdmin      Action = "room/promoteAdmin"
	ActionDemoteAdmin       Action = "room/demoteAdmin"
	ActionUpdateUser        Action = "user/update"
	ActionDeleteUser        Action = "user/delete"
	ActionPinMessage        Action = "message/pin"
	ActionUnpinMessage      Action = "message/unpin"
)

// Message is one entry of a room. Body, Data and Quote.Content are Sealed, as they
// travel and as they are stored.
type Message struct {
	ID        MessageID
	App       AppID
	Room      RoomID
	Seq       int64 // 1, 2, 3 … within the room, without gaps
	LocalID   string
	Sender    UserID
	Type      MessageType
	Body      Sealed
	Data      Sealed
	FilterID  string
	Hidden    bool
	Quote     Quote
	ReplyTo   Reference
	Forward   Reference
	Action    Action
	Target    Target
	Edited    bool
	Withheld  bool  // its sender was blocked by whom they wrote to: see VisibleTo
	CreatedAt int64 // Unix ms, strictly increasing within the room
	UpdatedAt int64
	DeletedAt int64 // Unix ms, 0 for a live message
	Added     int64 // the number of its append: see store.Store.Horizon
	Number    int64 // that of its last change, or of its append
	// File is what its data names, while the message is being stored: only who may read the
	// message, and for as long, may have the file by it. It is set by whom the sender may have it
	// from, and is "" in a message that was loaded.
	File FileID
}

// Deleted reports whether the message was deleted for everyone.
func (m *Message) Deleted() bool { return m.DeletedAt > 0 }

// Reference names the message that another answers, or of which it is a copy, as the
// sender's device gave it. An absent one is the zero Reference.
type Reference struct {
	User     string // ids as text, "" for none
	XCUser   string
	Fullname string
	Message  string
	LocalID  string
	Type     int64
	RoomID   string
}

// MessageView is a message as one user sees it. What it points to is shared and must
// not be changed.
type MessageView struct {
	*Message
	Room      *Room
	Sender    *User
	Partner   *User // the other user of a personal room, as the viewer sees it; nil in others
	Delivered bool  // to the viewer or, of the viewer's own, to somebody else
	Read      bool
	Gone      bool  // deleted by the viewer, for themselves
	ChangedAt int64 // Unix ms: when anything that this view shows changed last
	Number    int64 // of that change
}

// State is how a message shows itself, as a number that differs when anything of it does.
// Of others' messages it does not matter whether they have arrived: they have, if they show.
func (v MessageView) State(viewer UserID) int64 {
	state := v.UpdatedAt << 3
	for i, flag := range []bool{v.Delivered && v.Message.Sender == viewer, v.Read, v.Gone} {
		if flag {
			state |= 1 << i
		}
	}
	return state
}

// Quote is what is drawn above a message.
type Quote struct {
	Title    string
	Content  Sealed
	ImageURL string
	FileID   string
	FileType string
	VideoURL string
}

// Target is whom a system message tells of: "0" and empty texts when there is nobody.
type Target struct {
	User UserID
	XCID string
	Name string
}

// SplitBody cuts a text into parts of at most BodyPart UTF-16 units, the unit in which
// SDKs count, and never inside a character.
func SplitBody(body string) []string {
	if len(body) <= BodyPart { // bytes are never fewer than UTF-16 units
		return []string{body}
	}
	var parts []string
	start, units := 0, 0
	for i, r := range body {
		n := utf16.RuneLen(r)
		if units+n > BodyPart {
			parts = append(parts, body[start:i])
			start, units = i, 0
		}
		units += n
	}
	return append(parts, body[start:])
}

// UTF16Len counts the UTF-16 units of a valid UTF-8 text.
func UTF16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
