package budget

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Limit is the share of a caller's behind a refusal, as it was then.
type Limit struct {
	Share string // its name, as metrics have it
	Unit  Unit
	Quota int64         // what the caller may hold or, within Window, take
	Left  int64         // of that
	Per   time.Duration // the window; 0 for what is held, which comes back when it is given back
	After time.Duration // when what was refused can be had, if nothing else is taken; 0 where that is not known
}

// Unit is what a Limit counts, by the names that RateLimit-Policy has for it.
type Unit string

// The units of limits.
const (
	Requests   Unit = "requests"
	Concurrent Unit = "concurrent-requests"
	Bytes      Unit = "content-bytes"
)

// Policy is the value of RateLimit-Policy, as a structured field.
func (l Limit) Policy() string {
	s := fmt.Sprintf(`"%s";q=%d;qu="%s"`, l.Share, l.Quota, l.Unit)
	if l.Per > 0 {
		s += fmt.Sprintf(";w=%d", seconds(l.Per))
	}
	return s
}

// State is the value of RateLimit, as a structured field.
func (l Limit) State() string {
	s := fmt.Sprintf(`"%s";r=%d`, l.Share, l.Left)
	if l.After > 0 {
		s += fmt.Sprintf(";t=%d", seconds(l.After))
	}
	return s
}

// RetryAfter is when whoever was refused should come back, in seconds.
func (l Limit) RetryAfter() int64 { return seconds(max(l.After, RetryAfter)) }

func seconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }

// refused is the error of a refusal.
type refused struct {
	error
	limit Limit
}

func (r refused) Unwrap() error { return r.error }

// LimitOf returns the share behind the error of a refusal. ok is false for other errors.
func LimitOf(err error) (l Limit, ok bool) {
	var r refused
	ok = errors.As(err, &r)
	return r.limit, ok
}

// limit is what o has left of a Pool.
func (p *Pool) limit(share string, unit Unit, o Owner) Limit {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := Limit{Share: share, Unit: unit, Quota: p.shares[o.kind].Each}
	l.Left = l.Quota
	if s := p.owners[o]; s != nil {
		l.Left = max(0, l.Quota-s.used)
	}
	return l
}

// limit is what o has left of a Pace, and how long it takes until they have n.
func (p *Pace) limit(share string, unit Unit, o Owner, n int) Limit {
	left := p.burst
	p.mu.Lock()
	if l := p.known[o]; l != nil {
		left = int(math.Floor(l.Tokens()))
	}
	p.mu.Unlock()
	per := func(n int) time.Duration {
		return time.Duration(float64(n) / float64(p.perSecond) * float64(time.Second))
	}
	return Limit{
		Share: share, Unit: unit, Quota: int64(p.burst), Left: int64(max(0, left)), Per: per(p.burst),
		After: per(max(0, min(n, p.burst)-left)),
	}
}
