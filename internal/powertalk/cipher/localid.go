package cipher

import (
	"crypto/rand"
	"crypto/sha256"
	"strconv"
)

const (
	// alphabet holds the characters the SDKs make localIDs of.
	alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

	// localIDLen is the length of a localID made here or by an SDK.
	localIDLen = 32

	// A localID must reach the last character used for the key; the upper limit only keeps out nonsense.
	minLocalIDLen, maxLocalIDLen = keyTo, 64
)

// NewLocalID returns a new random localID: 32 characters out of A-Z, a-z, 0-9 and _. See docs/protocol.md,
// "Message encryption".
func NewLocalID() string {
	var (
		id     [localIDLen]byte
		random [localIDLen + 8]byte // some spare, since one byte in 64 is thrown away
	)
	for n := 0; ; {
		rand.Read(random[:]) // never fails; the runtime stops the program instead
		for _, b := range random {
			// Six bits give 64 values for 63 characters. Dropping the last value keeps all equally likely.
			b &= 63
			if int(b) == len(alphabet) {
				continue
			}
			id[n] = alphabet[b]
			if n++; n == len(id) {
				return string(id[:])
			}
		}
	}
}

// DeriveLocalID returns the localID of one part of a message that is split up. The same localID and part give
// the same result each time, so splitting a message again does not make new messages; different ones give
// different results. It takes any string and any number, and the result is always valid and 32 characters
// long. See docs/protocol.md, "Message encryption".
func DeriveLocalID(localID string, part int) string {
	// The number comes after the last colon, so no two pairs share an input.
	input := make([]byte, 0, maxLocalIDLen+1+20)
	input = append(input, localID...)
	input = append(input, ':')
	input = strconv.AppendInt(input, int64(part), 10)
	sum := sha256.Sum256(input)

	var id [localIDLen]byte
	for i, b := range sum {
		// The remainder favours four characters a little. That matters for guessing, not for uniqueness, and
		// a derived localID need not be hard to guess.
		id[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(id[:])
}

// ValidLocalID reports whether s can serve as a localID: 24 to 64 characters out of A-Z, a-z, 0-9, _ and -.
// See docs/protocol.md, "Message encryption".
func ValidLocalID(s string) bool {
	if len(s) < minLocalIDLen || len(s) > maxLocalIDLen {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
