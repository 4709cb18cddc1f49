package chat_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parlor/internal/chat"
)

// TestSpansEqualMap adds messages in any order and compares a set of spans with one
// time per message. All messages count, and each has its own place: message n was
// created at 10·n.
func TestSpansEqualMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 80).Draw(t, "messages")
		var s chat.Spans
		added := map[int64]int64{}
		for step := int64(1); step <= 100 && len(added) < int(size); step++ {
			from := rapid.Int64Range(1, size).Draw(t, "from")
			if added[from] != 0 {
				continue
			}
			to := from
			for more := rapid.Int64Range(0, 5).Draw(t, "more"); more > 0 && to < size && added[to+1] == 0; more-- {
				to++
			}
			for n := from; n <= to; n++ {
				added[n] = step
			}
			joined := from == 1 || added[from-1] != 0
			next := to < size && added[to+1] != 0
			s = s.Insert(chat.Span{From: 10 * from, To: 10 * to, At: step, Number: 2 * step, Joined: joined}, next)
			compareSpans(t, s, added, size, step)
		}
	})
}

func compareSpans(t *rapid.T, s chat.Spans, added map[int64]int64, size, newest int64) {
	upTo := int64(0)
	for n := int64(1); n <= size; n++ {
		at := s.At(10 * n)
		if s.Has(10*n) != (added[n] != 0) || (at != 0) != (added[n] != 0) {
			t.Fatalf("message %d: Has %t, At %d, added at %d in %+v", n, s.Has(10*n), at, added[n], s)
		}
		// Neighbours that were joined share the later of their times.
		if at < added[n] || at > newest {
			t.Fatalf("message %d was added at %d, not %d", n, added[n], at)
		}
		if added[n] != 0 && upTo == 10*(n-1) {
			upTo = 10 * n
		}
		if added[n] == 0 {
			before, after := s.Around(10 * n)
			if before > 10*(n-1) || after != 0 && after < 10*(n+1) ||
				before != 10*last(added, n) || after != 10*next(added, n, size) {
				t.Fatalf("around %d: %d and %d in %+v", n, before, after, s)
			}
		}
	}
	if s.UpTo() != upTo {
		t.Fatalf("UpTo %d, want %d in %+v", s.UpTo(), upTo, s)
	}
	packed := s.Encode()
	for n := int64(1); n <= size; n++ {
		if at, err := chat.PackedAt(packed, 10*n); err != nil || at != s.At(10*n) {
			t.Fatalf("message %d was added at %d, packed at %d: %v", n, s.At(10*n), at, err)
		}
	}
	again, err := chat.DecodeSpans(packed)
	if err != nil || !slices.Equal(again, s) {
		t.Fatalf("%+v came back as %+v: %v", s, again, err)
	}
	checkBetween(t, s, added, newest)
}

// last is the added message before n and next the one behind it, 0 where there is none.
func last(added map[int64]int64, n int64) int64 {
	for n--; n > 0 && added[n] == 0; n-- {
	}
	return n
}

func next(added map[int64]int64, n, size int64) int64 {
	for n++; n <= size; n++ {
		if added[n] != 0 {
			return n
		}
	}
	return 0
}

// checkBetween: what was added since any change is among what was added by it and those
// after it, and nothing is twice among what was added before and since.
func checkBetween(t *rapid.T, s chat.Spans, added map[int64]int64, newest int64) {
	for from := int64(1); from <= newest; from++ {
		since := s.Between(2*from, 2*newest+1)
		for n, step := range added {
			if step >= from && !since.Has(10*n) {
				t.Fatalf("message %d was added by %d and is not among those since %d: %+v", n, 2*step, 2*from, s)
			}
		}
		before := s.Between(0, 2*from)
		if len(before)+len(since) != len(s) {
			t.Fatalf("%d spans before %d and %d since, of %+v", len(before), 2*from, len(since), s)
		}
	}
	if late := s.Between(2*newest+1, math.MaxInt64); len(late) > 0 {
		t.Fatalf("%+v since a change that was not made", late)
	}
}

// TestSpansFillOldestHole fills holes until there are none.
func TestSpansFillOldestHole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s chat.Spans
		for n := rapid.Int64Range(1, 40).Draw(t, "spans"); n > 0; n-- {
			s = s.Insert(chat.Span{From: 10 * n, To: 10*n + 5, At: n, Number: n}, false)
		}
		end, holes := s[len(s)-1].To, len(s)
		for ; holes > 0; holes-- {
			after, before := s.OldestHole()
			s = s.FillOldestHole(100, 200)
			if after >= before || after != 0 && !s.Has(after) || !s.Has(before) || !s.Has(after+1) || !s.Has(before-1) {
				t.Fatalf("filled %d to %d: %+v", after, before, s)
			}
			if now := s.Between(200, 201); !now.Has(after+1) || !now.Has(before-1) {
				t.Fatalf("filled %d to %d, and by change 200 was added %+v", after, before, now)
			}
		}
		if _, before := s.OldestHole(); before != 0 || s.UpTo() != end {
			t.Fatalf("without holes: %+v", s)
		}
	})
}

// FuzzDecodeSpans: whatever a column holds is refused or is a set in order, and what was
// understood is packed and unpacked without loss.
func FuzzDecodeSpans(f *testing.F) {
	for _, s := range []chat.Spans{
		nil,
		{{From: 1, To: 1, At: 1, Joined: true}},
		{{From: 10, To: 20, At: 1_700_000_000_000, Number: 1 << 52}, {From: 30, To: 30, At: 5, Number: 7, Joined: true}},
	} {
		f.Add(s.Encode())
		f.Add(firstForm(s))
	}
	f.Add([]byte{0x80})
	f.Add(bytes.Repeat([]byte{0xff}, 30))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := chat.DecodeSpans(b)
		if err != nil {
			return
		}
		if len(s) > len(b) {
			t.Fatalf("%d spans in %d bytes", len(s), len(b))
		}
		for i, span := range s {
			if span.To < span.From || span.From < 1 || i > 0 && span.From <= s[i-1].To {
				t.Fatalf("span %d: %+v", i, s)
			}
			if at, err := chat.PackedAt(b, span.To); err != nil || at != span.At {
				t.Fatalf("span %d was added at %d, packed at %d: %v", i, span.At, at, err)
			}
			if !s.Has(span.From) || !s.Has(span.To) {
				t.Fatalf("span %d is not found: %+v", i, s)
			}
		}
		again, err := chat.DecodeSpans(s.Encode())
		if err != nil || !slices.Equal(again, s) {
			t.Fatalf("%+v came back as %+v: %v", s, again, err)
		}
		s.UpTo()
		s.Around(1)
		s.Between(1, 2)
		s.Crowded()
		_ = s.Insert(chat.Span{From: math.MaxInt64, To: math.MaxInt64}, false)
	})
}

// firstForm packs a set as it was packed before spans had numbers.
func firstForm(s chat.Spans) (b []byte) {
	last := int64(0)
	for _, span := range s {
		joined := uint64(0)
		if span.Joined {
			joined = 1
		}
		b = binary.AppendUvarint(b, uint64(span.From-last)<<1|joined)
		b = binary.AppendUvarint(b, uint64(span.To-span.From))
		b = binary.AppendVarint(b, span.At-span.To)
		last = span.To
	}
	return b
}

// TestSpansOfTheFirstForm: what an older Parlor has packed is understood, and each span's
// number is its time.
func TestSpansOfTheFirstForm(t *testing.T) {
	s := chat.Spans{
		{From: 1, To: 1, At: 30, Joined: true},
		{From: 10, To: 20, At: 1_700_000_000_000},
		{From: 30, To: 30, At: 5, Joined: true},
	}
	got, err := chat.DecodeSpans(firstForm(s))
	for i := range s {
		s[i].Number = s[i].At
	}
	if err != nil || !slices.Equal(got, s) {
		t.Fatalf("got %+v, want %+v: %v", got, s, err)
	}
}

// TestFillUpTo: what is gone from the beginning of a room has a receipt, and nothing else changes.
func TestFillUpTo(t *testing.T) {
	set := func() chat.Spans {
		return chat.Spans{{From: 3, To: 5, At: 1, Number: 7}, {From: 8, To: 9, At: 2, Number: 8}, {From: 20, To: 21, At: 3, Number: 9}}
	}
	for _, tt := range []struct {
		t      int64
		joined bool
		after  int64 // where the next span behind t begins
		upTo   int64
		holes  int
	}{
		{1, false, 3, 1, 3},
		{2, true, 3, 5, 2},
		{4, false, 8, 5, 2}, // in the middle of a span
		{5, true, 8, 9, 1},
		{6, false, 8, 6, 2},
		{9, false, 20, 9, 1},
		{21, true, 0, 21, 0},
		{99, false, 0, 99, 0},
	} {
		s := set()
		if got := s.After(tt.t); got != tt.after {
			t.Errorf("behind %d a span begins at %d, want %d", tt.t, got, tt.after)
		}
		got := s.FillUpTo(tt.t, tt.joined)
		holes := 0
		for _, span := range got {
			if !span.Joined {
				holes++
			}
		}
		if got.UpTo() != tt.upTo || holes != tt.holes {
			t.Errorf("filled up to %d: %+v, all is read up to %d, want %d", tt.t, got, got.UpTo(), tt.upTo)
		}
		for at := int64(1); at < 100; at++ {
			if want := at <= tt.t || set().Has(at); got.Has(at) != want {
				t.Errorf("filled up to %d, %d has a receipt: %v", tt.t, at, got.Has(at))
			}
		}
		if again, err := chat.DecodeSpans(got.Encode()); err != nil || !slices.Equal(again, got) {
			t.Errorf("%+v is stored as %+v (%v)", got, again, err)
		}
	}
	if got := chat.Spans(nil).FillUpTo(7, true); got.UpTo() != 7 || got.Has(8) || !got.Has(1) {
		t.Errorf("of nothing: %+v", got)
	}
}
