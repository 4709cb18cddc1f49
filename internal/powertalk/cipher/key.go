package cipher

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// fixedHalf is the part of the SDKs' built-in constant that reaches the key. It is public.
	fixedHalf = "kHT0sVGIKKpnlJE5"

	// The characters of a localID that make up the other half of the key.
	keyFrom, keyTo = 8, 24

	// minEncoded is the base64 length of a single block, the shortest ciphertext there is.
	minEncoded = 24
)

// encoding refuses stray bits in the last character: no SDK produces them, and without them a ciphertext has
// only one spelling.
var encoding = base64.StdEncoding.Strict()

// zeroIV is the IV of every text. It is only ever read.
var zeroIV = make([]byte, aes.BlockSize)

// Key enciphers the texts of one message: body, data and quoted content share the message's localID. Making it
// costs a hash and a key schedule, so make it once per message. A Key may be copied and used concurrently; the
// zero Key is not usable. See docs/protocol.md, "Message encryption".
type Key struct {
	block   cipher.Block
	localID string
}

// NewKey derives the key of the message that has this localID. It returns ErrLocalID if ValidLocalID refuses
// the localID.
func NewKey(localID string) (Key, error) {
	if !ValidLocalID(localID) {
		return Key{}, ErrLocalID
	}
	var password [len(fixedHalf) + keyTo - keyFrom]byte
	n := copy(password[:], fixedHalf)
	for i := range keyTo - keyFrom {
		password[n+i] = localID[keyTo-1-i]
	}
	sum := sha256.Sum256(password[:])
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return Key{}, fmt.Errorf("cipher: make key: %w", err)
	}
	return Key{block: block, localID: localID}, nil
}

// Seal returns the ciphertext of plain with a random digit. It cannot fail: bytes in plain that are not UTF-8
// become U+FFFD, so that the reader can open the rest.
func (k Key) Seal(plain string) string {
	// The digit is shown in the clear, so it need not be unpredictable.
	return k.encrypt(plain, 1+rand.IntN(9)) //nolint:gosec // G404: see above
}

// Encrypt is Seal with a digit of the caller's choice. It returns ErrDigit for a digit outside 1..9.
func (k Key) Encrypt(plain string, digit int) (string, error) {
	if digit < 1 || digit > 9 {
		return "", ErrDigit
	}
	return k.encrypt(plain, digit), nil
}

func (k Key) encrypt(plain string, digit int) string {
	plain = strings.ToValidUTF8(plain, string(utf8.RuneError))
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	rawLen := len(plain) + pad
	encodedLen := encoding.EncodedLen(rawLen)

	// One buffer serves for both steps.
	buf := make([]byte, rawLen+encodedLen+2)
	raw, out := buf[:rawLen], buf[rawLen:]

	for i := copy(raw, plain); i < rawLen; i++ {
		raw[i] = byte(pad)
	}
	cipher.NewCBCEncrypter(k.block, zeroIV).CryptBlocks(raw, raw) //nolint:gosec // G407: the protocol has no other IV

	// Leave room for digit and salt, then move what precedes the salt one place down.
	encoding.Encode(out[2:], raw)
	at := 1 + saltIndex(encodedLen, digit)
	copy(out[1:at], out[2:])
	out[0] = '0' + byte(digit)
	out[at] = k.localID[utf16Len(plain)%len(k.localID)]
	return string(out)
}

// Open returns the text that Seal, Encrypt or an SDK turned into ciphertext. It takes any input without
// panicking and returns ErrInvalid for one that does not decipher. The digit 0 is accepted, as every SDK does,
// though none writes it.
func (k Key) Open(ciphertext string) (string, error) {
	encodedLen := len(ciphertext) - 2
	if encodedLen < minEncoded || encodedLen%4 != 0 {
		return "", fmt.Errorf("%w: length", ErrInvalid)
	}
	if ciphertext[0] < '0' || ciphertext[0] > '9' {
		return "", fmt.Errorf("%w: no leading digit", ErrInvalid)
	}
	at := 1 + saltIndex(encodedLen, int(ciphertext[0]-'0'))

	buf := make([]byte, encodedLen+encoding.DecodedLen(encodedLen))
	encoded, raw := buf[:encodedLen], buf[encodedLen:]
	n := copy(encoded, ciphertext[1:at])
	copy(encoded[n:], ciphertext[at+1:])

	n, err := encoding.Decode(raw, encoded)
	// The decoder skips line breaks; they show in a result that is too short for its input.
	if err != nil || encoding.EncodedLen(n) != encodedLen {
		return "", fmt.Errorf("%w: base64", ErrInvalid)
	}
	if n%aes.BlockSize != 0 {
		return "", fmt.Errorf("%w: not in whole blocks", ErrInvalid)
	}
	raw = raw[:n]
	cipher.NewCBCDecrypter(k.block, zeroIV).CryptBlocks(raw, raw)

	plain, ok := unpad(raw)
	if !ok {
		return "", fmt.Errorf("%w: padding", ErrInvalid)
	}
	if !utf8.Valid(plain) {
		return "", fmt.Errorf("%w: not UTF-8", ErrInvalid)
	}
	return string(plain), nil
}

// saltIndex is the place of the salt character in base64 text of the given length. The SDKs compute
// ((length + digit) * digit) mod length, which is the same.
func saltIndex(length, digit int) int {
	return digit * digit % length
}

// unpad takes the PKCS#7 padding off raw, which must not be empty. It does not run in constant time: with a
// public key there is nothing for a padding oracle to tell.
func unpad(raw []byte) ([]byte, bool) {
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > aes.BlockSize || pad > len(raw) {
		return nil, false
	}
	plain, padding := raw[:len(raw)-pad], raw[len(raw)-pad:]
	for _, b := range padding {
		if int(b) != pad {
			return nil, false
		}
	}
	return plain, true
}

// utf16Len counts the UTF-16 units of s, which must be UTF-8: that is how the SDKs measure a text.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
