package bench

import (
	"fmt"
	"slices"
)

// Goal is what a row is to reach, and whether it does.
type Goal struct {
	Work  string  `json:"work"`
	Bound string  `json:"bound"` // "at least", "at most" or "below"
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"` // the median of the rounds' values
	Low   float64 `json:"low"`   // the lowest of them
	High  float64 `json:"high"`
	Met   bool    `json:"met"`
}

func atLeast(limit float64, unit, work string, values []float64) Goal {
	g := newGoal("at least", limit, unit, work, values)
	g.Met = g.Value >= limit
	return g
}

func atMost(limit float64, unit, work string, values []float64) Goal {
	g := newGoal("at most", limit, unit, work, values)
	g.Met = g.Value <= limit
	return g
}

func below(limit float64, unit, work string, values []float64) Goal {
	g := newGoal("below", limit, unit, work, values)
	g.Met = g.Value < limit
	return g
}

func newGoal(bound string, limit float64, unit, work string, values []float64) Goal {
	return Goal{
		Work: work, Bound: bound, Limit: limit, Unit: unit,
		Value: median(values), Low: slices.Min(values), High: slices.Max(values),
	}
}

// durable is what is wanted of calls that are on the disk when they are answered.
type durable struct {
	share float64 // of the raw group commit, in percent
	p99   float64 // ms
}

func (d durable) goals(work string, subject, raw Measurement) []Goal {
	return []Goal{
		atLeast(d.share, "% of the raw group commit", work, percentOf(subject, raw)), d.promptly(work, subject),
	}
}

func (d durable) promptly(work string, m Measurement) Goal {
	return below(d.p99, "ms, p99", work, m.each(func(r Round) float64 { return r.P99 }))
}

// percentOf compares each round with the ceiling's of the same round: both have had the
// same machine, as far as that can be.
func percentOf(subject, ceiling Measurement) []float64 {
	return perRound(subject, ceiling, func(s, c Round) float64 { return 100 * s.PerSecond / c.PerSecond })
}

// timesAsLong is how many times as long an operation of subject takes as one of base.
func timesAsLong(subject, base Measurement) []float64 {
	return perRound(subject, base, func(s, b Round) float64 { return b.PerSecond / s.PerSecond })
}

// timesTheCost is how many times as much processor time an operation of subject takes as
// one of base; nil when that is not known of every round.
func timesTheCost(subject, base Measurement) []float64 {
	for _, r := range slices.Concat(subject.Rounds, base.Rounds) {
		if r.CPU == nil || *r.CPU == 0 {
			return nil
		}
	}
	return perRound(subject, base, func(s, b Round) float64 { return *s.CPU / *b.CPU })
}

func perRound(a, b Measurement, ratio func(a, b Round) float64) []float64 {
	v := make([]float64, len(a.Rounds))
	for i := range v {
		v[i] = ratio(a.Rounds[i], b.Rounds[i])
	}
	return v
}

func (g Goal) want() string { return fmt.Sprintf("%s %g %s", g.Bound, g.Limit, g.Unit) }

func (g Goal) verdict() string {
	if g.Met {
		return "met"
	}
	return "MISSED"
}

// number shows a value with as many digits as mean something.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}
