package client

import "parlor/internal/powertalk/cipher"

// ErrCipher is wrapped by the error of a text that was not enciphered under its localID.
var ErrCipher = cipher.ErrInvalid

// ErrLocalID is wrapped by the error of a localID that is none.
var ErrLocalID = cipher.ErrLocalID

// NewLocalID returns a new localID: 32 random characters. Make one for each message, keep it with your
// own record, and send it with every attempt: the message is then stored once.
func NewLocalID() string { return cipher.NewLocalID() }

// ValidLocalID reports whether s can be a localID: 24 to 64 characters of A-Z, a-z, 0-9, _ and -.
func ValidLocalID(s string) bool { return cipher.ValidLocalID(s) }

// Seal enciphers a text as PowerTalk's SDKs do, under the localID of its message. This is no secrecy: the
// localID is the key, and travels beside the text. The error is ErrLocalID.
//
// What this package sends it seals by itself; Seal is for frames and calls of your own.
func Seal(text, localID string) (string, error) { return cipher.Seal(text, localID) }

// Open deciphers what Seal, the server or an SDK has enciphered. The error is ErrCipher.
func Open(sealed, localID string) (string, error) { return cipher.Decrypt(sealed, localID) }

// openText is Open for a field of a message, which is "" when there is nothing in it.
func openText(sealed, localID string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	return Open(sealed, localID)
}
