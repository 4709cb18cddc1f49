package chat

import (
	"encoding/binary"
	"errors"
	"slices"
	"sort"
)

// Span is a run of messages of one room, from the one created at From to the one created
// at To, of which each that counts has been marked. Messages that do not count, such as
// the reader's own, may lie in it unmarked.
type Span struct {
	From, To int64 // Unix ms, both ends included
	At       int64 // Unix ms: when the last of it was marked
	// Joined says that nothing that counts lies between this span and the one before it,
	// or the beginning of the room.
	Joined bool
}

// Spans is a set of messages in one room, in ascending order. It stays small however
// many messages it covers: neighbours with nothing unmarked between them are joined.
type Spans []Span

const (
	// maxFineSpans is how many joined spans keep their own time of marking.
	maxFineSpans = 16
	// MaxSpans bounds the spans of one set, and so the holes in it.
	MaxSpans = 500
)

// Has reports whether the message created at t is in the set.
func (s Spans) Has(t int64) bool {
	i := s.search(t)
	return i < len(s) && s[i].From <= t
}

// At is when the message created at t was marked, 0 when it was not.
func (s Spans) At(t int64) int64 {
	if i := s.search(t); i < len(s) && s[i].From <= t {
		return s[i].At
	}
	return 0
}

// search returns the first span that ends at or after t.
func (s Spans) search(t int64) int {
	return sort.Search(len(s), func(i int) bool { return s[i].To >= t })
}

// UpTo is the time up to which nothing that counts is unmarked, 0 when the first message
// that counts is not marked.
func (s Spans) UpTo() int64 {
	upTo := int64(0)
	for _, span := range s {
		if !span.Joined {
			break
		}
		upTo = span.To
	}
	return upTo
}

// Around returns the ends of the spans next to t, a time that is not in the set: 0
// where there is none.
func (s Spans) Around(t int64) (before, after int64) {
	i := s.search(t)
	if i > 0 {
		before = s[i-1].To
	}
	if i < len(s) {
		after = s[i].From
	}
	return before, after
}

// Insert puts a span that overlaps no other in its place. joined says whether something
// that counts lies between it and the next one before it; next says the same of the one
// behind it.
func (s Spans) Insert(n Span, nextJoined bool) Spans {
	i := s.search(n.From)
	if i < len(s) {
		s[i].Joined = nextJoined
	}
	return slices.Insert(s, i, n).compact()
}

// compact merges the oldest joined neighbours while there are more than maxFineSpans.
// Their messages keep the later of both times.
func (s Spans) compact() Spans {
	for i := 1; len(s) > maxFineSpans && i < len(s); {
		if !s[i].Joined {
			i++
			continue
		}
		s = s.merge(i)
	}
	return s
}

// merge makes one span of the i-th and the one before it.
func (s Spans) merge(i int) Spans {
	s[i-1].To, s[i-1].At = s[i].To, max(s[i-1].At, s[i].At)
	return slices.Delete(s, i, i+1)
}

// FillOldestHole marks what lies in the oldest hole and returns the hole's ends, both
// of them marked before. The set must have one.
func (s Spans) FillOldestHole() (filled Spans, after, before int64) {
	for i := range s {
		if s[i].Joined {
			continue
		}
		before = s[i].From
		if i == 0 {
			s[0].From, s[0].Joined = 1, true
			return s, 0, before
		}
		after = s[i-1].To
		return s.merge(i), after, before
	}
	return s, 0, 0
}

// Since returns the spans of which something was marked at t or later.
func (s Spans) Since(t int64) Spans {
	var out Spans
	for _, span := range s {
		if span.At >= t {
			out = append(out, span)
		}
	}
	return out
}

// Encode packs the set for a column.
func (s Spans) Encode() []byte {
	b := make([]byte, 0, 12*len(s))
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

var errSpans = errors.New("spans are damaged")

// DecodeSpans unpacks what Encode has packed.
func DecodeSpans(b []byte) (Spans, error) {
	var s Spans
	last := int64(0)
	for len(b) > 0 {
		gap, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errSpans
		}
		b = b[n:]
		length, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errSpans
		}
		b = b[n:]
		at, n := binary.Varint(b)
		if n <= 0 {
			return nil, errSpans
		}
		b = b[n:]
		span := Span{From: last + int64(gap>>1), Joined: gap&1 == 1}
		span.To = span.From + int64(length)
		span.At = span.To + at
		if span.From < last || span.To < span.From || len(s) > 0 && span.From == last {
			return nil, errSpans
		}
		last = span.To
		s = append(s, span)
	}
	return s, nil
}
