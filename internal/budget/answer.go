package budget

import (
	"context"
	"sync/atomic"
)

// firstEstimate is how large an answer is taken to be before any was seen, in bytes.
const firstEstimate = 128 << 10

// Sizes is how large the answers of one kind of call have been lately. Its zero value is
// ready.
type Sizes struct{ estimate atomic.Int64 }

// expected is what the next answer may well have.
func (s *Sizes) expected() int64 {
	if n := s.estimate.Load(); n > 0 {
		return n
	}
	return firstEstimate
}

// saw takes an answer's size into account: a large one at once, small ones gradually.
func (s *Sizes) saw(size int64) {
	old := s.expected()
	switch {
	case size >= old:
		s.estimate.Store(size)
	case old > FreeAnswer:
		s.estimate.Store(old - (old-size)/16 - 1)
	}
}

// Answer is one call's part of the memory for answers. It is taken before anything is loaded,
// going by the size of earlier answers, and corrected when the answer is there. Done gives it back.
type Answer struct {
	b     *Budget
	owner Owner
	sizes *Sizes
	held  int64
}

// Answer waits for memory for an answer.
func (b *Budget) Answer(ctx context.Context, o Owner, sizes *Sizes) (*Answer, error) {
	a := &Answer{b: b, owner: o, sizes: sizes}
	// Half a share is available to an owner with nothing under way, however large answers have been.
	n := min(sizes.expected(), b.answers.shares[o.kind].Each/2)
	if n <= FreeAnswer {
		n = 0
	}
	if err := b.answers.take(o, n); err != nil {
		ctx, cancel := context.WithTimeout(ctx, waitTime)
		defer cancel()
		if err := b.answers.wait(ctx, o, n); err != nil {
			return nil, b.refuse(b.answers.limit("answers", Bytes, o), o, err,
				"too many answers that nobody has read yet; read them before you call again")
		}
	}
	a.held = n
	return a, nil
}

// Is says how large the answer has become.
func (a *Answer) Is(size int64) {
	a.sizes.saw(size)
	want := size
	if want <= FreeAnswer {
		want = 0
	}
	switch {
	case want > a.held:
		a.b.answers.add(a.owner, want-a.held)
	case want < a.held:
		a.b.answers.give(a.owner, a.held-want)
	}
	a.held = want
}

// Done gives the memory back. It may be called on nil.
func (a *Answer) Done() {
	if a != nil {
		a.b.answers.give(a.owner, a.held)
		a.held = 0
	}
}
