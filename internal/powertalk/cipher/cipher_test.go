package cipher

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

const testLocalID = "UW3nQh7XNwC9q2WVj9h7_xW4fIPEyqxa"

type vector struct {
	Name       string `json:"name"`
	Plaintext  string `json:"plaintext"`
	LocalID    string `json:"localID"`
	Random     int    `json:"random"`
	Ciphertext string `json:"ciphertext"`
}

func readVectors(t testing.TB, file string) []vector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(b, &vs); err != nil {
		t.Fatal(err)
	}
	if len(vs) == 0 {
		t.Fatalf("%s holds no vectors", file)
	}
	return vs
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t, "encryption_vectors.json") {
		t.Run(v.Name, func(t *testing.T) {
			if got, err := Encrypt(v.Plaintext, v.LocalID, v.Random); err != nil || got != v.Ciphertext {
				t.Errorf("Encrypt = %q, %v; want %q", got, err, v.Ciphertext)
			}
			if got, err := Decrypt(v.Ciphertext, v.LocalID); err != nil || got != v.Plaintext {
				t.Errorf("Decrypt = %q, %v; want %q", got, err, v.Plaintext)
			}
		})
	}
}

func TestInvalidVectors(t *testing.T) {
	for _, v := range readVectors(t, "encryption_invalid.json") {
		t.Run(v.Name, func(t *testing.T) {
			if got, err := Decrypt(v.Ciphertext, v.LocalID); got != "" || !errors.Is(err, ErrInvalid) {
				t.Errorf("Decrypt = %q, %v; want ErrInvalid", got, err)
			}
		})
	}
}

func TestRefusedArguments(t *testing.T) {
	short := testLocalID[:23]
	if _, err := Encrypt("hi", short, 1); !errors.Is(err, ErrLocalID) {
		t.Errorf("Encrypt with a short localID: %v, want ErrLocalID", err)
	}
	if _, err := Seal("hi", short); !errors.Is(err, ErrLocalID) {
		t.Errorf("Seal with a short localID: %v, want ErrLocalID", err)
	}
	_, err := Decrypt("2UKeB3vSZJ0xkpSXzBpoEUrA==", short)
	if !errors.Is(err, ErrInvalid) || !errors.Is(err, ErrLocalID) {
		t.Errorf("Decrypt with a short localID: %v, want ErrInvalid and ErrLocalID", err)
	}
	for _, digit := range []int{-1, 0, 10} {
		if _, err := Encrypt("hi", testLocalID, digit); !errors.Is(err, ErrDigit) {
			t.Errorf("Encrypt with digit %d: %v, want ErrDigit", digit, err)
		}
	}
}

func TestSealUsesEveryDigit(t *testing.T) {
	seen := map[byte]bool{}
	for range 1000 {
		c, err := Seal("hi", testLocalID)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decrypt(c, testLocalID); err != nil || got != "hi" {
			t.Fatalf("Decrypt(%q) = %q, %v", c, got, err)
		}
		seen[c[0]] = true
	}
	for d := byte('1'); d <= '9'; d++ {
		if !seen[d] {
			t.Errorf("digit %c never used", d)
		}
	}
	if len(seen) != 9 {
		t.Errorf("%d different digits, want 9", len(seen))
	}
}

func TestSealReplacesBrokenUTF8(t *testing.T) {
	c, err := Seal("a\xffb", testLocalID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Decrypt(c, testLocalID); err != nil || got != "a\uFFFDb" {
		t.Errorf("Decrypt = %q, %v", got, err)
	}
}

// FuzzDecrypt checks that no input panics and that a ciphertext has one spelling: encrypting what came out,
// with the digit it came with, gives the input again but for the salt.
func FuzzDecrypt(f *testing.F) {
	for _, file := range []string{"encryption_vectors.json", "encryption_invalid.json"} {
		for _, v := range readVectors(f, file) {
			f.Add(v.Ciphertext, v.LocalID)
		}
	}
	f.Fuzz(func(t *testing.T, ciphertext, localID string) {
		plain, err := Decrypt(ciphertext, localID)
		if err != nil {
			if plain != "" || !errors.Is(err, ErrInvalid) {
				t.Fatalf("Decrypt = %q, %v", plain, err)
			}
			return
		}
		if !utf8.ValidString(plain) {
			t.Fatalf("Decrypt gave broken UTF-8: %q", plain)
		}
		digit := int(ciphertext[0] - '0')
		again, err := Encrypt(plain, localID, max(1, digit))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decrypt(again, localID); err != nil || got != plain {
			t.Fatalf("second Decrypt = %q, %v; want %q", got, err, plain)
		}
		if digit == 0 {
			return // never written, so there is nothing to compare with
		}
		salt := 1 + saltIndex(len(ciphertext)-2, digit)
		if again[:salt] != ciphertext[:salt] || again[salt+1:] != ciphertext[salt+1:] {
			t.Fatalf("%q encrypts to %q, came from %q", plain, again, ciphertext)
		}
	})
}
