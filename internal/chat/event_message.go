package chat

import (
	"encoding/json"
	"errors"
)

// packedMessage is a Message in a packed event: the same fields, with names that stay.
type packedMessage struct {
	ID        MessageID   `json:"id"`
	App       AppID       `json:"app"`
	Room      RoomID      `json:"room"`
	Seq       int64       `json:"seq"`
	LocalID   string      `json:"localID,omitempty"`
	Sender    UserID      `json:"sender,omitempty"`
	Type      MessageType `json:"type,omitempty"`
	Body      Sealed      `json:"body,omitempty"`
	Data      Sealed      `json:"data,omitempty"`
	FilterID  string      `json:"filterID,omitempty"`
	Hidden    bool        `json:"hidden,omitempty"`
	Quote     Quote       `json:"quote,omitzero"`
	ReplyTo   Reference   `json:"replyTo,omitzero"`
	Forward   Reference   `json:"forward,omitzero"`
	Action    Action      `json:"action,omitempty"`
	Target    Target      `json:"target,omitzero"`
	Edited    bool        `json:"edited,omitempty"`
	Withheld  bool        `json:"withheld,omitempty"`
	CreatedAt int64       `json:"createdAt"`
	UpdatedAt int64       `json:"updatedAt,omitempty"`
	DeletedAt int64       `json:"deletedAt,omitempty"`
	Added     int64       `json:"added,omitempty"`
	Number    int64       `json:"number,omitempty"`
	File      FileID      `json:"-"` // of a message on its way into its room
}

// packedSent is MessageSent, packed.
type packedSent struct {
	Change
	Message       *packedMessage `json:"message"`
	Bare          bool           `json:"bare,omitempty"`
	PeopleVersion int64          `json:"peopleVersion,omitempty"`
	RoomUpdatedAt int64          `json:"roomUpdatedAt,omitempty"`
	Scheduled     bool           `json:"scheduled,omitempty"`
}

func (e *MessageSent) packed() any {
	return packedSent{e.Change, (*packedMessage)(e.Message), e.Bare, e.PeopleVersion, e.RoomUpdatedAt, e.Scheduled}
}

func (e *MessageSent) unpack(b []byte) error {
	var p packedSent
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	if p.Message == nil {
		return errNoMessage
	}
	m := (*Message)(p.Message)
	*e = MessageSent{p.Change, Place{m.App, m.Room}, m, p.Bare, p.PeopleVersion, p.RoomUpdatedAt, p.Scheduled}
	return nil
}

// packedChanged is MessageChanged, packed.
type packedChanged struct {
	Change
	Message *packedMessage `json:"message"`
}

func (e *MessageChanged) packed() any { return packedChanged{e.Change, (*packedMessage)(e.Message)} }

func (e *MessageChanged) unpack(b []byte) error {
	var p packedChanged
	if err := json.Unmarshal(b, &p); err != nil {
		return err
	}
	if p.Message == nil {
		return errNoMessage
	}
	m := (*Message)(p.Message)
	*e = MessageChanged{p.Change, Place{m.App, m.Room}, m}
	return nil
}

var errNoMessage = errors.New("it has no message")
