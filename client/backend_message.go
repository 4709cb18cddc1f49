package client

import "context"

// BackendMessage is a message that a backend sends in a user's name. Everything in it is plain.
type BackendMessage struct {
	// LocalID makes a message known, so that it is stored once however often it is sent. "" means a
	// new one, which is enough for the attempts of a single Send. With [WithIdempotencyKey] it is
	// the server's to choose.
	LocalID string      `json:"localID"`
	Type    MessageType `json:"messageType"` // 0 means TextMessage
	// Text may be long: above 4,000 UTF-16 units it is cut into several messages.
	Text     string `json:"body"`
	Payload  string `json:"data,omitzero"` // the JSON of an object or a list
	FilterID string `json:"filterID,omitzero"`
	Hidden   bool   `json:"isHidden,omitzero"`
	Quote    *Quote `json:"quote,omitzero"`

	// One of these says who sends it. They need not be in the room.
	SenderXCID string `json:"senderXCUserID,omitzero"`
	SenderID   UserID `json:"senderUserID,omitzero"`

	// One of these says where to.
	XCRoomID      string `json:"xcRoomID,omitzero"`
	RoomID        RoomID `json:"roomID,omitzero"`
	RecipientXCID string `json:"recipientXCUserID,omitzero"`
	RecipientID   UserID `json:"recipientUserID,omitzero"`
}

// Sent says what has become of a message.
type Sent struct {
	LocalID string `json:"localID"`
	// Repeated says that the message was stored before, and not again.
	Repeated bool `json:"repeated"`
	// ContentDiffers says that what is stored under this LocalID is another message: a program of
	// yours uses a LocalID twice.
	ContentDiffers bool `json:"contentDiffers"`
}

// Send stores a message. When it returns without an error the message is on the server's disk.
func (b *Backend) Send(ctx context.Context, m BackendMessage) (s Sent, err error) {
	if m.LocalID == "" && !hasKey(ctx) {
		m.LocalID = NewLocalID() // one for all attempts
	}
	if m.Type == 0 {
		m.Type = TextMessage
	}
	return s, b.do(ctx, "message/send/custom", m, &s)
}
