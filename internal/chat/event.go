package chat

import "encoding/json"

// EventKind says what an Event tells of.
type EventKind string

// What sessions are told of. The first group is written down with the change itself and
// comes after its commit; the second is of the moment.
const (
	EventMessageSent    EventKind = "message.sent"    // Message, in its room's order
	EventMessageChanged EventKind = "message.changed" // Message, edited or deleted for everyone
	EventMessagesMarked EventKind = "messages.marked" // Times of Room have reached User, or he has read them
	EventMessagesHidden EventKind = "messages.hidden" // Times of Room were deleted by User for himself
	EventRoomPreference EventKind = "room.preference" // User has set Text for Room, with At
	EventUserUpdated    EventKind = "user.updated"    // User has another profile
	EventRolesChanged   EventKind = "roles.changed"   // who holds a role of App
	EventLoginsEnded    EventKind = "logins.ended"    // Logins are over: their sessions are to be closed

	EventDeviceBehind EventKind = "device.behind" // the device Text of User is to be fed what it lacks
	EventUsersLeft    EventKind = "users.left"    // Users have left Room: they are to have all that was before
	EventTyping       EventKind = "typing"        // User has started (On) or stopped to write in Room
	EventStatus       EventKind = "status"        // User has come (On) or gone, at At; Users learn of it
)

// Event is something that sessions are to be told.
type Event struct {
	Kind    EventKind
	App     AppID
	Room    RoomID      `json:",omitempty"`
	User    UserID      `json:",omitempty"` // who did it
	Users   []UserID    `json:",omitempty"` // who is to be told, where that is not the room
	Message *Message    `json:",omitempty"`
	Times   []int64     `json:",omitempty"` // created_at of messages
	First   []int64     `json:",omitempty"` // those of Times that nobody else had marked
	Receipt ReceiptKind `json:",omitempty"`
	Text    string      `json:",omitempty"`
	At      int64       `json:",omitempty"` // Unix ms
	On      bool        `json:",omitempty"`
	Logins  []LoginID   `json:",omitempty"`
	Number  int64       `json:",omitempty"` // of the change; 0 for what is of the moment
	// Unsure says that nobody knows whether the change was committed.
	Unsure bool `json:",omitempty"`
}

// Encode packs the event for other nodes.
func (e Event) Encode() ([]byte, error) { return json.Marshal(e) }

// DecodeEvent unpacks what Encode has packed.
func DecodeEvent(b []byte) (e Event, err error) {
	err = json.Unmarshal(b, &e)
	return e, err
}
