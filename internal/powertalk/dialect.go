// Package powertalk is the dialect of the vendor's SDKs: what they and the server have agreed
// on beyond the rules of a chat. In it are the ids that devices give to messages, the cipher
// of their texts and the words of system messages, and of the calls the paths, the envelope,
// the error codes and the headers; below it are the APIs, the socket and the wire
// (docs/protocol.md).
package powertalk

import (
	"encoding/json"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
)

// Dialect is the SDKs' dialect: for the service that of messages, for the HTTP edges that of
// calls.
type Dialect struct{}

var (
	_ service.Dialect = Dialect{}
	_ httpapi.Dialect = Dialect{}
)

// NewLocalID returns a random localID.
func (Dialect) NewLocalID() string { return cipher.NewLocalID() }

// PartLocalID returns the localID of a part of a message that is split up.
func (Dialect) PartLocalID(localID string, part int) string {
	return cipher.DeriveLocalID(localID, part)
}

// ValidateLocalID is CodeInvalid for what SDKs would not take as a localID.
func (Dialect) ValidateLocalID(localID string) error {
	if !cipher.ValidLocalID(localID) {
		return chat.Invalid("localID", "must be 24 to 64 characters of A-Z a-z 0-9 _ -")
	}
	return nil
}

// Cipher returns the cipher of the message localID.
func (Dialect) Cipher(localID string) (service.Cipher, error) {
	key, err := cipher.NewKey(localID)
	return texts{key}, err
}

// texts seals and opens the texts of one message.
type texts struct{ key cipher.Key }

// Seal enciphers a text.
func (t texts) Seal(plain string) chat.Sealed { return chat.Sealed(t.key.Seal(plain)) }

// Open deciphers a text, and fails for what was not sealed with the same localID.
func (t texts) Open(sealed chat.Sealed) (string, error) { return t.key.Open(string(sealed)) }

// Caption rebuilds the body of a picture or video from the caption in its data, which is
// all that some SDKs change.
func (Dialect) Caption(t chat.MessageType, data string) (body string, ok bool) {
	icon, plainName := "🖼 ", "Photo"
	switch t {
	case chat.ImageMessage:
	case chat.VideoMessage:
		icon, plainName = "🎥 ", "Video"
	default:
		return "", false
	}
	var fields struct {
		Caption *string `json:"caption"`
	}
	if json.Unmarshal([]byte(data), &fields) != nil || fields.Caption == nil {
		return "", false
	}
	caption := strings.TrimSpace(*fields.Caption)
	if caption == "" {
		caption = plainName
	}
	return icon + caption, true
}
