package client

import "strings"

// MessageType says what a message is.
type MessageType int

// The types that SDKs know. 3000 to 3999 are yours to define.
const (
	TextMessage    MessageType = 1001
	ImageMessage   MessageType = 1002
	VideoMessage   MessageType = 1003
	FileMessage    MessageType = 1004
	LinkMessage    MessageType = 1010
	ProductMessage MessageType = 2001
	SystemMessage  MessageType = 9001 // of Parlor: what has happened to the room
)

// Message is a message as one viewer sees it. What it says is enciphered: read it with Text, Payload
// and QuotedText.
type Message struct {
	ID          MessageID   `json:"messageID"`
	LocalID     string      `json:"localID"` // given by its sender, unique in the app
	Type        MessageType `json:"type"`
	Body        string      `json:"body"` // enciphered, see Text
	Data        string      `json:"data"` // enciphered, see Payload
	FilterID    string      `json:"filterID"`
	Hidden      bool        `json:"isHidden"` // not to be shown
	Quote       Quote       `json:"quote"`
	ReplyTo     Reference   `json:"replyTo"`
	ForwardFrom Reference   `json:"forwardFrom"`
	Room        Room        `json:"room"`
	Sender      User        `json:"user"`
	RecipientID UserID      `json:"recipientID"` // in a personal room: whom it is written to; otherwise "0"
	Action      string      `json:"action"`      // of a system message, such as "room/addParticipant"
	Target      Target      `json:"target"`      // of a system message: whom it concerns
	Delivered   bool        `json:"isDelivered"`
	Read        bool        `json:"isRead"`
	Deleted     bool        `json:"isDeleted"` // for everyone, or for this viewer
	Edited      bool        `json:"isMessageEdited"`
	Created     Time        `json:"created"` // rises within a room
	Updated     Time        `json:"updated"` // when what this viewer sees of it last changed
	DeletedAt   Time        `json:"deleted"`
}

// Quote is what a message quotes.
type Quote struct {
	Title    string `json:"title"`
	Content  string `json:"content"` // enciphered in a Message, plain in a Draft
	ImageURL string `json:"imageURL"`
	FileID   string `json:"fileID"`
	FileType string `json:"fileType"`
	VideoURL string `json:"videoURL,omitzero"`
}

// Reference names another message, as the sender's app gave it. MessageID is "0" for none.
type Reference struct {
	MessageID   MessageID   `json:"messageID"`
	LocalID     string      `json:"localID"`
	MessageType MessageType `json:"messageType,omitzero"` // of a reply
	RoomID      RoomID      `json:"roomID,omitzero"`      // of a forwarded message
	UserID      UserID      `json:"userID"`
	XCUserID    string      `json:"xcUserID"`
	Fullname    string      `json:"fullname"`
}

// Target is the user whom a system message concerns. ID is "0" for none.
type Target struct {
	Type string `json:"targetType"`
	ID   UserID `json:"targetID"`
	XCID string `json:"targetXCID"`
	Name string `json:"targetName"` // at that time
}

// Text returns what the message says, in a system message with the names put in. It is "" for a
// deleted one. The error is ErrCipher.
func (m *Message) Text() (string, error) {
	text, err := openText(m.Body, m.LocalID)
	if err == nil && m.Type == SystemMessage {
		text = strings.Replace(text, "{{sender}}", m.Sender.Fullname, 1)
		text = strings.Replace(text, "{{target}}", m.Target.Name, 1)
	}
	return text, err
}

// Payload returns the message's data, which is the JSON of an object or a list, or "" for none. The
// error is ErrCipher.
func (m *Message) Payload() (string, error) { return openText(m.Data, m.LocalID) }

// QuotedText returns what the message quotes, "" for nothing. The error is ErrCipher.
func (m *Message) QuotedText() (string, error) { return openText(m.Quote.Content, m.LocalID) }
