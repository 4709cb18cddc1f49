package docs_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"testing"
	"unicode/utf16"
)

// takeApart follows the protocol's description of the cipher, step by step and not with
// the server's own code, and returns what the worked example shows of each step.
func takeApart(t *testing.T, localID, text, sealed string) map[string]string {
	t.Helper()
	middle := []byte(localID[8:24])
	reversed := slices.Clone(middle)
	slices.Reverse(reversed)
	password := "kHT0sVGIKKpnlJE5" + string(reversed)
	key := sha256.Sum256([]byte(password))

	digit := int(sealed[0] - '0')
	length := len(sealed) - 2
	offset := digit * digit % length
	encoded := sealed[1:1+offset] + sealed[2+offset:]
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(raw, raw)
	raw = raw[:len(raw)-int(raw[len(raw)-1])]
	if string(raw) != text {
		t.Errorf("by the steps the text is %q, want %q", raw, text)
	}
	salt := localID[len(utf16.Encode([]rune(text)))%len(localID)]
	if sealed[1+offset] != salt {
		t.Errorf("the salt is %q, want %q", sealed[1+offset], salt)
	}
	return map[string]string{
		"middle": string(middle), "password": password, "key": hex.EncodeToString(key[:]),
		"base64": encoded, "offset": strconv.Itoa(offset), "salt": string(salt),
	}
}
