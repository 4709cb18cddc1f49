package service

import "parlor/internal/chat"

// Dialect is what devices and Parlor have agreed on about messages: the ids that senders
// give them, the cipher of their texts, and the words of what Parlor writes itself. It knows
// no rules, and the rules know nothing of it.
type Dialect interface {
	// NewLocalID returns an id for a message that is made here. Nobody else has it.
	NewLocalID() string
	// PartLocalID returns the id of a part, counted from 0, of the message localID. It is the
	// same each time.
	PartLocalID(localID string, part int) string
	// ValidateLocalID is CodeInvalid for an id that no message can have.
	ValidateLocalID(localID string) error
	// Cipher returns the cipher of the texts of the message localID.
	Cipher(localID string) (Cipher, error)
	// Caption returns the body of a picture or a video whose data has a caption, plain. ok is
	// false where there is none to go by.
	Caption(t chat.MessageType, data string) (body string, ok bool)
	// Notice returns what a system message says, plain.
	Notice(n chat.Notice) (NoticeText, error)
}

// Cipher seals and opens the texts of one message.
type Cipher interface {
	Seal(plain string) chat.Sealed
	// Open fails for what was not sealed with this message's cipher.
	Open(sealed chat.Sealed) (plain string, err error)
}

// NoticeText is a notice in the words of a Dialect.
type NoticeText struct {
	Action chat.Action
	Body   string
	Data   string // "" for none
}
