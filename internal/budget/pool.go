package budget

import (
	"context"
	"errors"
	"sync"
)

// Why a Pool has refused.
var (
	// errShare: the owner's own share is used up. They can change that.
	errShare = errors.New("the caller's share is used up")
	// errFull: others have it all. The owner cannot change that.
	errFull = errors.New("there is nothing left")
)

// Share is what callers of a kind may hold of a resource.
type Share struct {
	Each int64 // one of them
	All  int64 // all of them together; what is left is for the other kinds
	// Waiting is how many requests of one caller may wait for their turn.
	Waiting int
}

// keptOwners is how many owners are remembered though they hold nothing: most come back.
const keptOwners = 1024

// maxWaiting bounds the requests that wait in one Pool.
const maxWaiting = 16_384

// Pool is a limited resource for callers who each have a share. Always nobody has more than
// their Share.Each, and no kind more than its Share.All, except for what add has put on top of
// Each. Requests of one owner are granted in the order in
// which they came; the owners who wait take turns. It is safe for concurrent use.
type Pool struct {
	shares [kinds]Share
	total  int64

	mu      sync.Mutex
	used    int64
	kinds   [kinds]line
	next    int // the kind whose turn it is
	owners  map[Owner]*stake
	waiting int
}

// line is what a kind holds, and which owners of it wait although their own share has room.
type line struct {
	used   int64
	owners []*stake
}

// stake is what one owner holds and waits for.
type stake struct {
	owner   Owner
	used    int64
	waiting []*request
	inLine  bool
}

type request struct {
	of      *stake
	n       int64
	granted chan struct{} // closed when it is
}

// NewPool returns a Pool of total pieces.
func NewPool(total int64, shares map[Kind]Share) *Pool {
	p := &Pool{total: total, owners: map[Owner]*stake{}}
	for kind, share := range shares {
		p.shares[kind] = share
	}
	return p
}

// take takes n pieces for o, or fails at once. They are given back with give.
func (p *Pool) take(o Owner, n int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n == 0 && p.owners[o] == nil {
		return nil
	}
	s := p.stake(o)
	defer p.forget(s)
	return p.takeNow(s, n)
}

// takeNow must be called with the lock held.
func (p *Pool) takeNow(s *stake, n int64) error {
	kind := s.owner.kind
	switch {
	case n == 0 && p.own(s, 0): // taking nothing always works for an owner within their share
	case !p.own(s, n), len(s.waiting) > 0:
		return errShare
	case len(p.kinds[kind].owners) > 0 || !p.fits(kind, n):
		return errFull
	}
	p.hold(s, n)
	return nil
}

// wait is take for a caller who waits until ctx ends, unless too many other requests of theirs
// wait already.
func (p *Pool) wait(ctx context.Context, o Owner, n int64) error {
	r, err := p.ask(o, n)
	if r == nil {
		return err
	}
	select {
	case <-r.granted:
		return nil
	case <-ctx.Done():
		return p.leave(r)
	}
}

// ask takes n pieces for o. If they are not available, it returns a request for them, which is
// granted or withdrawn with leave.
func (p *Pool) ask(o Owner, n int64) (*request, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stake(o)
	defer p.forget(s)
	err := p.takeNow(s, n)
	share := p.shares[o.kind]
	if err == nil || len(s.waiting) >= share.Waiting || p.waiting >= maxWaiting || n > share.Each {
		return nil, err
	}
	r := &request{of: s, n: n, granted: make(chan struct{})}
	s.waiting = append(s.waiting, r)
	p.waiting++
	p.enter(s)
	return r, nil
}

// leave withdraws a request whose caller no longer waits. It may have been granted already.
func (p *Pool) leave(r *request) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := r.of
	select {
	case <-r.granted:
		return nil
	default:
	}
	err := errFull
	if !p.own(s, r.n) {
		err = errShare
	}
	for i, have := range s.waiting {
		if have == r {
			s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
			p.waiting--
			break
		}
	}
	p.enter(s) // the next one of theirs may want less
	p.serve()
	p.forget(s)
	return err
}

// add gives o n pieces whether or not there are that many: what they asked for has turned out
// larger. What exceeds their share is theirs to make up for, and no one else's.
func (p *Pool) add(o Owner, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold(p.stake(o), n)
}

// give takes n pieces back from o.
func (p *Pool) give(o Owner, n int64) {
	if n == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stake(o)
	p.hold(s, -n)
	p.enter(s)
	p.serve()
	p.forget(s)
}

// The following must be called with the lock held.

func (p *Pool) stake(o Owner) *stake {
	s := p.owners[o]
	if s == nil {
		s = &stake{owner: o}
		p.owners[o] = s
	}
	return s
}

// forget keeps the memory of owners who hold nothing and wait for nothing within bounds.
func (p *Pool) forget(s *stake) {
	if s.used == 0 && len(s.waiting) == 0 && !s.inLine && len(p.owners) > keptOwners {
		delete(p.owners, s.owner)
	}
}

// own reports whether n more are within the owner's own share.
func (p *Pool) own(s *stake, n int64) bool { return s.used+n <= p.shares[s.owner.kind].Each }

// fits reports whether n more are available for a kind.
func (p *Pool) fits(kind Kind, n int64) bool {
	return n == 0 || p.kinds[kind].used+n <= p.shares[kind].All && p.used+n <= p.total
}

// hold counts n more. For an owner who has more than their share, only the share counts.
func (p *Pool) hold(s *stake, n int64) {
	each := p.shares[s.owner.kind].Each
	counted := min(s.used+n, each) - min(s.used, each)
	s.used += n
	p.kinds[s.owner.kind].used += counted
	p.used += counted
}

// enter puts an owner into the line of their kind, if it is not their own share that they
// wait for.
func (p *Pool) enter(s *stake) {
	if !s.inLine && len(s.waiting) > 0 && p.own(s, s.waiting[0].n) {
		s.inLine = true
		p.kinds[s.owner.kind].owners = append(p.kinds[s.owner.kind].owners, s)
	}
}

// serve grants what can be granted, to the kinds in turn.
func (p *Pool) serve() {
	for idle := 0; idle < kinds; p.next = (p.next + 1) % kinds {
		if p.serveOne(Kind(p.next)) {
			idle = 0
		} else {
			idle++
		}
	}
}

// serveOne grants one request of a kind: that of the owner who has waited longest.
func (p *Pool) serveOne(kind Kind) bool {
	l := &p.kinds[kind]
	for len(l.owners) > 0 {
		s := l.owners[0]
		fit := len(s.waiting) > 0 && p.own(s, s.waiting[0].n)
		if fit && !p.fits(kind, s.waiting[0].n) {
			return false
		}
		l.owners[0] = nil
		l.owners = l.owners[1:]
		s.inLine = false
		if !fit {
			p.forget(s)
			continue
		}
		r := s.waiting[0]
		s.waiting[0] = nil
		s.waiting = s.waiting[1:]
		p.waiting--
		p.hold(s, r.n)
		close(r.granted)
		p.enter(s)
		return true
	}
	return false
}
