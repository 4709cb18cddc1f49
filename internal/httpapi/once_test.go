package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"parlor/internal/chat"
)

// FuzzCallKey: whatever a header holds, a key is of visible ASCII characters and within its length; written in
// quotes it is itself again.
func FuzzCallKey(f *testing.F) {
	for _, s := range []string{"", "a", `"a"`, `"a\"b"`, `a"`, `"\\"`, "a b", "a,b", `"a";b`, strings.Repeat("x", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key, given, err := readCallKey(http.Header{keyHeader: {s}})
		if err != nil {
			if given || key != "" || chat.CodeOf(err) != chat.CodeInvalid {
				t.Errorf("%q: %q, %v, %v", s, key, given, err)
			}
			return
		}
		if !given || key == "" || len(key) > chat.MaxCallKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q: %q, %v", s, key, given)
		}
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + `"`
		if again, _, err := readCallKey(http.Header{keyHeader: {quoted}}); err != nil || again != key {
			t.Errorf("%q: %q, in quotes %q (%v)", s, key, again, err)
		}
	})
}

// BenchmarkNoKey is what the header costs a call that has none, beside calling its handler.
func BenchmarkNoKey(b *testing.B) {
	h := http.Header{"Server-Key": {"x"}, "Content-Type": {"application/json"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, given, err := readCallKey(h); given || err != nil {
			b.Fatal(err)
		}
	}
}
