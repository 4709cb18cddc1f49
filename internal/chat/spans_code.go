package chat

import (
	"encoding/binary"
	"errors"
)

// secondForm begins a packed set whose spans have numbers. The first form had none, and
// never began so: it began with the time of a message.
const secondForm = 0

// Encode packs the set for a column. Each value is written as its distance from one that
// is near it.
func (s Spans) Encode() []byte {
	if len(s) == 0 {
		return []byte{}
	}
	b := make([]byte, 1, 1+16*len(s))
	b[0] = secondForm
	var last Span
	for _, span := range s {
		joined := uint64(0)
		if span.Joined {
			joined = 1
		}
		b = binary.AppendUvarint(b, uint64(span.From-last.To)<<1|joined)
		b = binary.AppendUvarint(b, uint64(span.To-span.From))
		b = binary.AppendVarint(b, span.At-span.To)
		b = binary.AppendVarint(b, span.Number-last.Number)
		last = span
	}
	return b
}

var errSpans = errors.New("spans are damaged")

// DecodeSpans unpacks what Encode has packed, now or in the first form. What had no
// number has its time for one: that is less than any number, and rises like them.
func DecodeSpans(b []byte) (s Spans, err error) {
	err = unpackSpans(b, func(span Span) bool {
		s = append(s, span)
		return true
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// PackedAt is Spans.At on a packed set, of which it unpacks no more than it has to.
func PackedAt(b []byte, t int64) (at int64, err error) {
	err = unpackSpans(b, func(span Span) bool {
		if span.From <= t && t <= span.To {
			at = span.At
		}
		return span.To < t
	})
	return at, err
}

// unpackSpans calls do for each span of a packed set, until that returns false.
func unpackSpans(b []byte, do func(Span) bool) error {
	if len(b) == 0 {
		return nil
	}
	in := unpacker{rest: b}
	numbered := b[0] == secondForm
	if numbered {
		in.rest = b[1:]
	}
	var last Span
	for len(in.rest) > 0 {
		gap := in.unsigned()
		span := Span{From: last.To + int64(gap>>1), Joined: gap&1 == 1}
		span.To = span.From + int64(in.unsigned())
		span.At = span.To + in.signed()
		if span.Number = span.At; numbered {
			span.Number = last.Number + in.signed()
		}
		if in.damaged || span.From <= last.To || span.To < span.From {
			return errSpans
		}
		if !do(span) {
			return nil
		}
		last = span
	}
	return nil
}

// unpacker takes numbers off a text of bytes.
type unpacker struct {
	rest    []byte
	damaged bool
}

func (u *unpacker) unsigned() uint64 {
	v, n := binary.Uvarint(u.rest)
	u.took(n)
	return v
}

func (u *unpacker) signed() int64 {
	v, n := binary.Varint(u.rest)
	u.took(n)
	return v
}

func (u *unpacker) took(n int) {
	if n <= 0 {
		u.damaged, n = true, 0
	}
	u.rest = u.rest[n:]
}
