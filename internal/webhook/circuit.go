package webhook

import (
	"math/rand/v2"
	"time"
)

const (
	// restAfter is in how many lanes calls fail, while nothing is taken, before the webhook rests.
	restAfter = 5
	// minRest and maxRest bound how long it rests between two probes.
	minRest = time.Second
	maxRest = time.Minute
	// maxAside is how many events, between two probes of a webhook that rests, are read and parked in
	// search of one in a lane that has not failed.
	maxAside = 2048
)

// standing says what is known of a lane in which something has failed.
type standing int8

const (
	accused  standing = iota + 1 // in one call with others, so that any of them may be to blame
	suspect                      // by itself, and nothing was taken since
	poisoned                     // by itself, while others were taken: the target is there
)

// circuit tells a target that is down from events that it cannot digest. Both fail, but only the first in
// one lane after the other. While the webhook rests, lanes that have not failed are tried apart from
// those that have: one that is taken shows that the target is there.
type circuit struct {
	lanes    map[int64]standing
	suspects int   // how many of them are such
	tripped  bool  // there were so many that the target is held to be down
	probes   int   // tries of what is parked that failed since
	fresh    int   // and those of other lanes
	freshAt  int64 // Unix ms: when the next of these may be
	aside    int   // events that were read and parked since the last probe
	asked    int64 // Unix ms: before that the target wants no call
	probing  bool  // a probe is under way
}

func newCircuit(retryAt int64) circuit {
	return circuit{lanes: map[int64]standing{}, tripped: retryAt > 0, asked: retryAt}
}

// took notes what was taken, and reports whether it ends an outage: of what has failed, nothing is to be
// blamed for that.
func (c *circuit) took(s shipment) (outage bool) {
	if c.tripped {
		outage = c.fresh > 0
		for _, lane := range s.lanes() {
			outage = outage || s.parked != nil && c.lanes[lane] != poisoned
		}
	}
	if c.suspects > 0 || outage {
		for lane, is := range c.lanes {
			switch {
			case outage && is != poisoned:
				delete(c.lanes, lane)
			case is == suspect:
				c.lanes[lane] = poisoned
			}
		}
	}
	for _, lane := range s.lanes() {
		delete(c.lanes, lane)
	}
	c.suspects, c.tripped, c.probes, c.fresh, c.freshAt, c.aside = 0, false, 0, 0, 0, 0
	return outage
}

// failed notes a failure, after which the target wants to be left alone for a time. It returns until when
// (Unix ms) nothing that is parked is tried, 0 for as before.
func (c *circuit) failed(s shipment, after time.Duration, now time.Time) (until int64) {
	lanes := s.lanes()
	for _, lane := range lanes {
		switch is := c.lanes[lane]; {
		case len(lanes) > 1:
			c.lanes[lane] = max(is, accused)
		case is < suspect:
			c.lanes[lane] = suspect
			c.suspects++
		}
	}
	if after > 0 {
		c.asked = max(c.asked, now.Add(after).UnixMilli())
		until = c.asked
	}
	pause := func(n int) int64 { return now.Add(growing(minRest, maxRest, n)).UnixMilli() }
	if s.probe {
		c.aside = 0
	}
	switch {
	case s.probe && s.parked == nil:
		c.fresh++
		c.freshAt = pause(c.fresh)
	case s.probe || !c.tripped && c.suspects >= restAfter:
		c.probes++
		until = max(until, pause(c.probes))
	}
	c.tripped = c.tripped || c.suspects >= restAfter
	return until
}

// growing doubles low with each of n failures, up to high, and takes some of it away at random: what
// failed together should not come back together.
func growing(low, high time.Duration, n int) time.Duration {
	d := low
	for i := 1; i < n && d < high; i++ {
		d *= 2
	}
	d = min(d, high)
	return d - time.Duration(rand.Int64N(int64(d)/4+1)) //nolint:gosec // spreads load, keeps no secret
}
