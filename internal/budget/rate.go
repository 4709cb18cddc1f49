package budget

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates bounds how many calls each owner makes, by what their Apps allow them. An App may allow another
// number at any time. It is safe for concurrent use.
type rates struct {
	mu    sync.Mutex
	known map[Owner]*rate.Limiter
	most  int // known beyond which idle ones are looked for
}

func newRates() *rates { return &rates{known: map[Owner]*rate.Limiter{}, most: keptPaces} }

// Rate counts a call of an owner whose App allows so many in a minute, and returns how that stands. It is a
// refusal when they are used up. They come back evenly over the minute.
func (b *Budget) Rate(o Owner, perMinute int) (Limit, error) {
	l, ok := b.rates.take(o, perMinute, time.Now())
	if !ok {
		return l, b.refuse(l, o, errShare, "made more calls than its app allows in a minute; wait before you call again")
	}
	return l, nil
}

func (r *rates) take(o Owner, perMinute int, now time.Time) (l Limit, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	every := rate.Limit(float64(perMinute) / time.Minute.Seconds())
	of := r.known[o]
	if of == nil {
		if len(r.known) >= r.most {
			r.forgetIdle(now)
		}
		of = rate.NewLimiter(every, perMinute)
		r.known[o] = of
	}
	if of.Burst() != perMinute {
		of.SetLimitAt(now, every)
		of.SetBurstAt(now, perMinute)
	}
	ok = of.AllowN(now, 1)
	left := math.Max(0, of.TokensAt(now))
	l = Limit{Share: "rate", Unit: Requests, Quota: int64(perMinute), Left: int64(left), Per: time.Minute}
	if !ok {
		l.After = time.Duration((1 - left) / float64(every) * float64(time.Second))
	}
	return l, ok
}

// forgetIdle must be called with the lock held. An owner who has all of their calls is as good as a new one.
func (r *rates) forgetIdle(now time.Time) {
	for o, of := range r.known {
		if of.TokensAt(now) >= float64(of.Burst()) {
			delete(r.known, o)
		}
	}
	r.most = max(keptPaces, 2*len(r.known))
}
