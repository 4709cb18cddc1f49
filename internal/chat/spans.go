package chat

import (
	"slices"
	"sort"
)

// Span is a run of messages of one room, from the one created at From to the one created
// at To, of which each that counts has a receipt. Messages that do not count, such as the
// reader's own, may lie in it without one.
type Span struct {
	From, To int64 // Unix ms, both ends included
	At       int64 // Unix ms: when the last receipt was added
	Number   int64 // of the change that added the last receipt
	// Joined says that nothing that counts lies between this span and the one before it,
	// or the beginning of the room.
	Joined bool
}

// Spans is the set of those messages of a room that have a receipt of one kind, in ascending
// order. It stays small however many messages it covers: neighbours with nothing between them
// that lacks one are joined.
type Spans []Span

// MaxSpans bounds the spans of one set, and so the holes in it.
const MaxSpans = 500

// Has reports whether the message created at t is in the set.
func (s Spans) Has(t int64) bool {
	i := s.search(t)
	return i < len(s) && s[i].From <= t
}

// At is when the message created at t got its receipt, 0 where it has none.
func (s Spans) At(t int64) int64 {
	at, _ := s.Receipt(t)
	return at
}

// Receipt is when, and by the change of which number, the message created at t got its
// receipt; both are 0 where it has none.
func (s Spans) Receipt(t int64) (at, number int64) {
	if i := s.search(t); i < len(s) && s[i].From <= t {
		return s[i].At, s[i].Number
	}
	return 0, 0
}

// search returns the first span that ends at or after t.
func (s Spans) search(t int64) int {
	return sort.Search(len(s), func(i int) bool { return s[i].To >= t })
}

// UpTo is the time up to which all that counts has a receipt, 0 when the first message that
// counts has none.
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

// Crowded reports whether the set has more holes than it may have.
func (s Spans) Crowded() bool {
	holes := 0
	for _, span := range s {
		if !span.Joined {
			holes++
		}
	}
	return holes > MaxSpans-maxFineSpans
}

// OldestHole returns the ends of the oldest hole, both of which have a receipt; after is 0 where
// the hole lies at the beginning of the room, and both are where there is no hole.
func (s Spans) OldestHole() (after, before int64) {
	i := slices.IndexFunc(s, func(span Span) bool { return !span.Joined })
	if i < 0 {
		return 0, 0
	}
	if i > 0 {
		after = s[i-1].To
	}
	return after, s[i].From
}

// FillOldestHole adds what lies in the oldest hole, as of a time and a change. The set must
// have a hole.
func (s Spans) FillOldestHole(at, number int64) Spans {
	after, before := s.OldestHole()
	if before-after < 2 { // no time lies in it
		s[s.search(before)].Joined = true
		return s.compact()
	}
	return s.Insert(Span{From: after + 1, To: before - 1, At: at, Number: number, Joined: true}, true)
}

// After is where the first span begins that lies behind t as a whole, 0 where there is none.
func (s Spans) After(t int64) int64 {
	for _, span := range s {
		if span.From > t {
			return span.From
		}
	}
	return 0
}

// FillUpTo adds all that was created until t: it is gone, so nobody is to be told. joined says that nothing that
// counts lies between t and the first span behind it.
func (s Spans) FillUpTo(t int64, joined bool) Spans {
	left := slices.Clone(s[sort.Search(len(s), func(i int) bool { return s[i].To > t }):])
	if len(left) > 0 && left[0].From <= t {
		left[0].From, left[0].Joined = 1, true
		return left
	}
	if len(left) > 0 {
		left[0].Joined = joined
	}
	return slices.Insert(left, 0, Span{From: 1, To: t, Joined: true}).compact()
}

// FillHoles fills the oldest holes until the set is small again.
func (s Spans) FillHoles(at, number int64) Spans {
	for s.Crowded() {
		s = s.FillOldestHole(at, number)
	}
	return s
}

// Between returns the spans of which the last receipt was added by a change from the one
// numbered from to the one before below. They hold all that those changes have added, and of
// what was added earlier no more than a few times as much.
func (s Spans) Between(from, below int64) Spans {
	var out Spans
	for _, span := range s {
		if span.Number >= from && span.Number < below {
			out = append(out, span)
		}
	}
	return out
}
