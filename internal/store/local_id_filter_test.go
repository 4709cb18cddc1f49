package store

import (
	"fmt"
	"testing"

	"parlor/internal/chat"
)

// TestFilter: what was added is found, and little else.
func TestFilter(t *testing.T) {
	for _, n := range []int{0, 1, 31, 32, 33, 5000, 100_000} {
		f := newFilter(n)
		for i := range n {
			f.add(hashOf(1, fmt.Sprint("in ", i)))
		}
		f, err := filterOf(f.bytes())
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if !f.has(hashOf(1, fmt.Sprint("in ", i))) {
				t.Fatalf("of %d entries number %d is missing", n, i)
			}
		}
		wrong := 0
		const others = 20_000
		for i := range others {
			if f.has(hashOf(chat.AppID(2), fmt.Sprint("in ", i))) {
				wrong++
			}
		}
		if n > 1000 && wrong > others/250 || n == 0 && wrong > 0 {
			t.Errorf("of %d hashes that are not among %d, %d seem to be", others, n, wrong)
		}
	}
}

// FuzzFilter: a stored filter that is damaged is refused, and one that is not can be asked.
func FuzzFilter(f *testing.F) {
	f.Add([]byte{}, "a")
	f.Add(newFilter(3).bytes(), "b")
	f.Add(make([]byte, 63), "c")
	f.Fuzz(func(t *testing.T, stored []byte, localID string) {
		filter, err := filterOf(stored)
		if err != nil {
			return
		}
		h := hashOf(1, localID)
		filter.add(h)
		if again, err := filterOf(filter.bytes()); err != nil || !again.has(h) || len(again.words) != len(stored)/8 {
			t.Errorf("a filter of %d bytes lost what was added (%v)", len(stored), err)
		}
	})
}

func BenchmarkSuspects(b *testing.B) {
	known := &knownLocalIDs{}
	for g := range int64(generationShare) {
		f := newFilter(10_000_000 / generationShare)
		for i := range f.words {
			f.words[i] = 0x0101010101010101 << (i % 8)
		}
		known.filters = append(known.filters, sealedGeneration{g, f})
	}
	for i := range b.N {
		known.suspects(hashOf(1, fmt.Sprint(i)))
	}
}
