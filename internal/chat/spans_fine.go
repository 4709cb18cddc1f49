package chat

import "slices"

// maxFineSpans is how many spans of a set may begin where nothing that counts lies before
// them: those keep a number and a time of their own although they could be joined.
const maxFineSpans = 20

// compact joins what those who ask for changes cannot tell apart, and then, while there
// are more than maxFineSpans, those neighbours by whose joining the least is told again.
//
// A span has one number. When two are joined, whoever asks for what was added since the
// later of their changes gets the earlier one's messages, too. That weighs as much as
// those are more than what was really added since then. So what was added long ago is
// joined to long spans and what was added lately stays in short ones, as in an
// exponential histogram, and Between returns a small multiple of what was asked for.
func (s Spans) compact() Spans {
	fine := 0
	for i := 0; i < len(s); i++ {
		switch {
		case !s[i].Joined:
		case i > 0 && s[i].Number == s[i-1].Number:
			s = s.join(i)
			i--
		default:
			fine++
		}
	}
	for ; fine > maxFineSpans; fine-- {
		s = s.join(s.cheapest())
	}
	return s
}

// join makes one span of the i-th and the one before it. Their messages keep the later of
// both times and numbers.
func (s Spans) join(i int) Spans {
	before := &s[i-1]
	before.To, before.At, before.Number = s[i].To, max(before.At, s[i].At), max(before.Number, s[i].Number)
	return slices.Delete(s, i, i+1)
}

// cheapest is the span that weighs least if it is joined to the one before it. The set
// must have one that can be.
func (s Spans) cheapest() (best int) {
	least := 0.0
	for i := 1; i < len(s); i++ {
		if !s[i].Joined {
			continue
		}
		repeated, later := s.extent(i-1), s[i].Number
		if s[i].Number < s[i-1].Number {
			repeated, later = s.extent(i), s[i-1].Number
		}
		asked := int64(0)
		for j := range s {
			if s[j].Number >= later {
				asked += s.extent(j)
			}
		}
		if weight := float64(repeated) / float64(asked); best == 0 || weight < least {
			best, least = i, weight
		}
	}
	return best
}

// extent is how much time a span takes up, with what lies between it and the one before
// it where they are joined.
func (s Spans) extent(i int) int64 {
	if i > 0 && s[i].Joined {
		return s[i].To - s[i-1].To
	}
	return s[i].To - s[i].From + 1
}
