// Package cipher hides message text the way the PowerTalk SDKs do, so that what the server writes an SDK can
// read and the other way round. It follows docs/protocol.md, "Message encryption".
//
// This is obfuscation, not secrecy. One half of the key is the same public constant in every SDK, the other
// half (the localID) travels next to the ciphertext, the IV is always zero and nothing authenticates the
// result. TLS protects the messages; never present this as end-to-end encryption.
//
// A ciphertext is AES-256-CBC output in base64, disguised by a digit in front and one meaningless character
// put in at a position that depends on the digit.
//
// Encrypt, Seal and Decrypt handle one text. For several fields of the same message, make a Key once and use
// its methods.
package cipher

import "errors"

// ErrInvalid is returned for every text that is not the ciphertext of a UTF-8 text under the given localID.
// The error that wraps it says what was wrong.
var ErrInvalid = errors.New("cipher: invalid ciphertext")

// ErrLocalID is returned for a localID that ValidLocalID refuses: no key can be made of it.
var ErrLocalID = errors.New("cipher: invalid localID")

// ErrDigit is returned when asked to encrypt with a digit outside 1..9.
var ErrDigit = errors.New("cipher: digit outside 1..9")

// Encrypt returns the ciphertext of plain under localID, decorated with digit (1..9). Equal arguments give
// equal results, the same an SDK gives. See docs/protocol.md, "Message encryption".
//
// It returns ErrLocalID for a localID that is not valid and ErrDigit for a digit out of range. Bytes in plain
// that are not UTF-8 become U+FFFD.
func Encrypt(plain, localID string, digit int) (string, error) {
	k, err := NewKey(localID)
	if err != nil {
		return "", err
	}
	return k.Encrypt(plain, digit)
}

// Seal is Encrypt with a random digit, which is what the SDKs do for every text they send. See
// docs/protocol.md, "Message encryption".
//
// It returns ErrLocalID for a localID that is not valid.
func Seal(plain, localID string) (string, error) {
	k, err := NewKey(localID)
	if err != nil {
		return "", err
	}
	return k.Seal(plain), nil
}

// Decrypt returns the text that was encrypted under localID. It takes any input without panicking. See
// docs/protocol.md, "Message encryption".
//
// Every error is ErrInvalid; where the localID is to blame it is ErrLocalID as well. A wrong localID is nearly
// always noticed, by its padding or by the text not being UTF-8, but nothing guarantees it.
func Decrypt(ciphertext, localID string) (string, error) {
	k, err := NewKey(localID)
	if err != nil {
		return "", errors.Join(ErrInvalid, err)
	}
	return k.Open(ciphertext)
}
