package cipher

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustKey(t testing.TB, localID string) Key {
	t.Helper()
	k, err := NewKey(localID)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// disguise wraps base64 text with digit 1 and a salt character.
func disguise(encoded string) string {
	return "1" + encoded[:1] + "s" + encoded[1:]
}

// sealRaw enciphers blocks as they are, for paddings and texts that Seal would not produce.
func sealRaw(k Key, blocks []byte) string {
	out := bytes.Clone(blocks)
	cipher.NewCBCEncrypter(k.block, make([]byte, aes.BlockSize)).CryptBlocks(out, out)
	return disguise(base64.StdEncoding.EncodeToString(out))
}

func TestOpenRefuses(t *testing.T) {
	k := mustKey(t, testLocalID)
	full := func(b byte) []byte { return bytes.Repeat([]byte{b}, aes.BlockSize) }
	text := func(s string, tail ...byte) []byte { return append([]byte(s), tail...) }
	good := k.encrypt("hi", 1)

	tests := []struct{ name, ciphertext string }{
		{"zero padding", sealRaw(k, full(0))},
		{"padding of 17", sealRaw(k, append(full('x'), full(17)...))},
		{"padding longer than the text", sealRaw(k, full(200))},
		{"uneven padding", sealRaw(k, text("fourteen bytes", 3, 2))},
		{"not UTF-8", sealRaw(k, text("fourteen byte\xff", 2, 2))},
		{"not in whole blocks", disguise(base64.StdEncoding.EncodeToString(make([]byte, 20)))},
		{"nothing but base64 padding", disguise(strings.Repeat("=", minEncoded))},
		{"line breaks at the end", good + "\r\n\r\n"},
		{"line breaks inside", good[:10] + "\n\n\n\n" + good[10:]},
		{"stray bits in the last character", strings.Replace(good, "A==", "B==", 1)},
		{"URL alphabet", strings.Replace(k.encrypt("Hello, world", 2), "+", "-", 1)},
		{"colon for a digit", ":" + good[1:]},
		{"slash for a digit", "/" + good[1:]},
		{"one character", "1"},
		{"digit and salt alone", "1s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := k.Open(tt.ciphertext); got != "" || !errors.Is(err, ErrInvalid) {
				t.Errorf("Open(%q) = %q, %v; want ErrInvalid", tt.ciphertext, got, err)
			}
		})
	}
}

func TestOpenAccepts(t *testing.T) {
	k := mustKey(t, testLocalID)
	tests := []struct{ name, ciphertext, want string }{
		{"raw block", sealRaw(k, []byte("fourteen bytes\x02\x02")), "fourteen bytes"},
		{"digit 0", "0xUKeBvSZJ0xkpSXzBpoEUrA==", "hi"},
		{"any byte for a salt", "2UKeB\xffvSZJ0xkpSXzBpoEUrA==", "hi"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := k.Open(tt.ciphertext); err != nil || got != tt.want {
				t.Errorf("Open(%q) = %q, %v; want %q", tt.ciphertext, got, err, tt.want)
			}
		})
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.String().Draw(t, "plain")
		localID := rapid.StringMatching(`[A-Za-z0-9_-]{24,64}`).Draw(t, "localID")
		digit := rapid.IntRange(1, 9).Draw(t, "digit")

		c, err := Encrypt(plain, localID, digit)
		if err != nil {
			t.Fatal(err)
		}
		blocks := len(plain)/aes.BlockSize + 1
		if want := base64.StdEncoding.EncodedLen(blocks*aes.BlockSize) + 2; len(c) != want {
			t.Errorf("length %d, want %d", len(c), want)
		}
		if got, err := Decrypt(c, localID); err != nil || got != plain {
			t.Errorf("Decrypt(%q) = %q, %v", c, got, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	plain := strings.Repeat("abcdefghi ", 30)
	b.Run("key per text", func(b *testing.B) {
		b.SetBytes(int64(len(plain)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Seal(plain, testLocalID); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("key reused", func(b *testing.B) {
		k := mustKey(b, testLocalID)
		b.SetBytes(int64(len(plain)))
		b.ReportAllocs()
		for b.Loop() {
			k.Seal(plain)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	k := mustKey(b, testLocalID)
	c := k.Seal(strings.Repeat("abcdefghi ", 30))
	b.SetBytes(300)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(c); err != nil {
			b.Fatal(err)
		}
	}
}
