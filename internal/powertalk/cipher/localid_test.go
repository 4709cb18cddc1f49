package cipher

import (
	"strings"
	"testing"
)

func checkMade(t *testing.T, id string) {
	t.Helper()
	if len(id) != localIDLen || strings.Trim(id, alphabet) != "" || !ValidLocalID(id) {
		t.Fatalf("bad localID %q", id)
	}
}

func TestNewLocalID(t *testing.T) {
	const n = 20000
	seen := make(map[string]bool, n)
	counts := map[rune]int{}
	for range n {
		id := NewLocalID()
		checkMade(t, id)
		if seen[id] {
			t.Fatalf("localID %q made twice", id)
		}
		seen[id] = true
		for _, c := range id {
			counts[c]++
		}
	}
	// About 10 160 of each character with a standard deviation of 100: ten of those never happen by chance,
	// while a plain remainder in place of the rejection would be off by a quarter or more.
	const mean = n * localIDLen / len(alphabet)
	for _, c := range alphabet {
		if d := counts[c] - mean; d < -1000 || d > 1000 {
			t.Errorf("%q came up %d times, want about %d", c, counts[c], mean)
		}
	}
}

func TestDeriveLocalID(t *testing.T) {
	seen := map[string]bool{testLocalID: true}
	for _, from := range []string{testLocalID, "", testLocalID + ":1", NewLocalID(), strings.Repeat("x", 200)} {
		for part := -1; part < 300; part++ {
			id := DeriveLocalID(from, part)
			checkMade(t, id)
			if seen[id] {
				t.Fatalf("DeriveLocalID(%q, %d) = %q, which was there before", from, part, id)
			}
			seen[id] = true
			if again := DeriveLocalID(from, part); again != id {
				t.Fatalf("DeriveLocalID(%q, %d) = %q, then %q", from, part, id, again)
			}
		}
	}
}

// Messages already stored carry derived localIDs, so the derivation must never change.
func TestDeriveLocalIDIsStable(t *testing.T) {
	const want = "DWRRAnyVzDTHQcx0udw87ARPUkgkouHs"
	if got := DeriveLocalID(testLocalID, 1); got != want {
		t.Errorf("DeriveLocalID = %q, want %q", got, want)
	}
}

func TestValidLocalID(t *testing.T) {
	tests := []struct {
		name, id string
		want     bool
	}{
		{"made by an SDK", testLocalID, true},
		{"shortest", strings.Repeat("a", 24), true},
		{"longest", strings.Repeat("Z", 64), true},
		{"underscore and dash", strings.Repeat("_-", 16), true},
		{"UUID", "0b7f3c1e-6f0a-4d55-9a58-1c2d3e4f5a6b", true},
		{"empty", "", false},
		{"too short", strings.Repeat("a", 23), false},
		{"too long", strings.Repeat("a", 65), false},
		{"space", strings.Repeat("a", 31) + " ", false},
		{"plus", strings.Repeat("a", 31) + "+", false},
		{"NUL", strings.Repeat("a", 31) + "\x00", false},
		{"not ASCII", strings.Repeat("é", 16), false},
		{"not UTF-8", strings.Repeat("\xff", 32), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ValidLocalID(tt.id); got != tt.want {
				t.Errorf("ValidLocalID(%q) = %v, want %v", tt.id, got, tt.want)
			}
		})
	}
}

func BenchmarkNewLocalID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewLocalID()
	}
}
