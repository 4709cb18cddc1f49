package budget

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// keptPaces is how many owners' paces are known before idle ones are forgotten.
const keptPaces = 4096

// Pace bounds how often each owner does something. Unlike a Pool's pieces, what is used
// comes back by itself. It is safe for concurrent use.
type Pace struct {
	perSecond, burst int

	used atomic.Bool // something was counted, ever

	mu    sync.Mutex
	known map[Owner]*rate.Limiter
	most  int // known beyond which idle ones are looked for
}

// NewPace returns a Pace of so many a second, and burst at once after a rest.
func NewPace(perSecond, burst int) *Pace {
	return &Pace{perSecond: perSecond, burst: burst, known: map[Owner]*rate.Limiter{}, most: keptPaces}
}

// Next counts n for o and returns how long they are to wait before they do it. What is
// more than the burst counts as the burst.
func (p *Pace) Next(o Owner, n int) time.Duration {
	return p.of(o).ReserveN(time.Now(), min(n, p.burst)).Delay()
}

// try is Next for an owner who waits no longer than most; otherwise it counts nothing and fails.
func (p *Pace) try(o Owner, n int, most time.Duration) (d time.Duration, ok bool) {
	r := p.of(o).ReserveN(time.Now(), min(n, p.burst))
	if d = r.Delay(); d > most {
		r.Cancel()
		return 0, false
	}
	return d, true
}

// debt is how long it takes until o owes nothing; it counts nothing.
func (p *Pace) debt(o Owner) time.Duration {
	p.mu.Lock()
	l := p.known[o]
	p.mu.Unlock()
	if l == nil {
		return 0
	}
	return time.Duration(max(0, -l.Tokens()) / float64(p.perSecond) * float64(time.Second))
}

// taken is how much o has taken that has not come back yet; it counts nothing.
func (p *Pace) taken(o Owner) int {
	p.mu.Lock()
	l := p.known[o]
	p.mu.Unlock()
	if l == nil {
		return 0
	}
	return p.burst - int(l.Tokens())
}

// over reports whether o has nothing left; it counts nothing.
func (p *Pace) over(o Owner) bool {
	p.mu.Lock()
	l := p.known[o]
	p.mu.Unlock()
	return l != nil && l.Tokens() < 1
}

// note counts one for o, who does not wait.
func (p *Pace) note(o Owner) { p.of(o).Allow() }

// unused reports whether nothing was ever counted.
func (p *Pace) unused() bool { return !p.used.Load() }

func (p *Pace) of(o Owner) *rate.Limiter {
	p.used.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.known[o]
	if l == nil {
		if len(p.known) >= p.most {
			p.forgetIdle()
		}
		l = rate.NewLimiter(rate.Limit(p.perSecond), p.burst)
		p.known[o] = l
	}
	return l
}

// forgetIdle must be called with the lock held. An owner who has all of their burst is as
// good as a new one.
func (p *Pace) forgetIdle() {
	for o, l := range p.known {
		if l.Tokens() >= float64(p.burst) {
			delete(p.known, o)
		}
	}
	p.most = max(keptPaces, 2*len(p.known)) // so that looking costs little for each one who comes
}
