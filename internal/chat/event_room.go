package chat

// MessageSent says that a message was appended to its room. Recorded, in its room's order: numbers
// rise by one, so one that is missing shows.
type MessageSent struct {
	Change
	Place
	Message *Message
	// Bare says that Message holds nothing but its ID and where it stands: ID, App, Room,
	// Seq, CreatedAt, Added and Number. The rest is to be read.
	Bare bool
	// Of the room, as the message found it.
	PeopleVersion int64 // counts changes of who is in it
	RoomUpdatedAt int64 // Unix ms; 0 where it has changed since, in the same write
	// Scheduled says that the message was sent by its schedule, which its sender's devices are told.
	// Only while it is new: messages that are read again do not say so.
	Scheduled bool
}

// Kind is "message.sent".
func (*MessageSent) Kind() string { return "message.sent" }

// WithoutContent is the event with nothing of the message but where it stands.
func (e *MessageSent) WithoutContent() *MessageSent {
	bare := *e
	bare.Bare, bare.Message = true, e.Message.withoutContent()
	return &bare
}

// withoutContent is nothing but where a message stands.
func (m *Message) withoutContent() *Message {
	return &Message{
		ID: m.ID, App: m.App, Room: m.Room, Seq: m.Seq, CreatedAt: m.CreatedAt, Added: m.Added, Number: m.Number,
	}
}

// MessageChanged says that a message was edited, or deleted for everyone. Recorded, in its room's
// order. Of two changes the older may be heard last, so the message is shown as it is by then.
type MessageChanged struct {
	Change
	Place
	Message *Message
}

// Kind is "message.changed".
func (*MessageChanged) Kind() string { return "message.changed" }

// WithoutContent is the event with nothing of the message but where it stands. Sessions are shown
// what is stored.
func (e *MessageChanged) WithoutContent() *MessageChanged {
	bare := *e
	bare.Message = e.Message.withoutContent()
	return &bare
}

// ReceiptsAdded says that messages have reached a participant, or were read. Recorded, in its room's
// order.
type ReceiptsAdded struct {
	Change
	Place
	Reader  UserID      `json:"reader"`
	Receipt ReceiptKind `json:"receipt"`
	Times   []int64     `json:"times,omitempty"` // created_at of the messages, ascending
	First   []int64     `json:"first,omitempty"` // those of Times of which nobody else had a receipt
}

// Kind is "receipts.added".
func (*ReceiptsAdded) Kind() string { return "receipts.added" }

// MessagesHidden says that a user has deleted messages for themselves. Recorded, in its room's order.
type MessagesHidden struct {
	Change
	Place
	User  UserID  `json:"user"`
	Times []int64 `json:"times,omitempty"` // created_at of the messages, ascending
}

// Kind is "messages.hidden".
func (*MessagesHidden) Kind() string { return "messages.hidden" }

// ParticipantsLeft says that users are in the room no more. They are still to have all that was
// before. Recorded, in its room's order.
type ParticipantsLeft struct {
	Change
	Place
	Users []UserID `json:"users,omitempty"`
}

// Kind is "participants.left".
func (*ParticipantsLeft) Kind() string { return "participants.left" }

// PreferenceChanged says that a user has set something for a room, for themselves. Recorded, in its
// room's order.
type PreferenceChanged struct {
	Change
	Place
	User       UserID     `json:"user"`
	Preference Preference `json:"preference"`
}

// Kind is "preference.changed".
func (*PreferenceChanged) Kind() string { return "preference.changed" }

// BlockChanged says that a user has blocked another, or no longer blocks them. Recorded, in the order
// of their personal room; Room is 0 where they have none.
type BlockChanged struct {
	Change
	Place
	User    UserID `json:"user"`
	Blocked UserID `json:"blocked"`
	On      bool   `json:"on"`
}

// Kind is "block.changed".
func (*BlockChanged) Kind() string { return "block.changed" }

// ScheduleChanged says that what a user has scheduled for a room has changed. Recorded, in its room's
// order; Room is 0 for a personal room that is not there yet.
type ScheduleChanged struct {
	Change
	Place
	User   UserID `json:"user"`
	RoomID string `json:"roomID"` // public
	At     int64  `json:"at"`     // Unix ms
}

// Kind is "schedule.changed".
func (*ScheduleChanged) Kind() string { return "schedule.changed" }

// Typing says that a participant has started to write, or stopped. Of the moment, in its room's
// order: it is not to overtake the message that was written.
type Typing struct {
	Place
	User    UserID `json:"user"`
	Started bool   `json:"started"`
}

// Kind is "typing".
func (*Typing) Kind() string { return "typing" }
