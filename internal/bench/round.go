package bench

import (
	"slices"
	"time"
)

// Round is what one load did in one round.
type Round struct {
	Seconds    float64 `json:"seconds"`    // length of the window
	Operations int64   `json:"operations"` // that ended in it
	PerSecond  float64 `json:"per_second"`
	P50        float64 `json:"p50_ms"`
	P95        float64 `json:"p95_ms"`
	P99        float64 `json:"p99_ms"`
	Max        float64 `json:"max_ms"`
	// CPU is the seconds of processor time per 1,000 operations; nil when unknown.
	CPU *float64 `json:"cpu_seconds_per_1000"`
	// Errors is always 0: the first error ends the run.
	Errors int64 `json:"errors"`
}

func newRound(tooks [][]time.Duration, length time.Duration, cpu *float64) Round {
	all := slices.Concat(tooks...)
	slices.Sort(all)
	n := len(all)
	r := Round{
		Seconds: length.Seconds(), Operations: int64(n), PerSecond: float64(n) / length.Seconds(), CPU: cpu,
		P50: percentile(all, 50), P95: percentile(all, 95), P99: percentile(all, 99),
	}
	if n > 0 {
		r.Max = milliseconds(all[n-1])
	}
	return r
}

// percentile is the smallest of the sorted values that p percent of them do not exceed,
// in milliseconds.
func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := (len(sorted)*p + 99) / 100 // rounded up
	return milliseconds(sorted[max(at, 1)-1])
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

// median of an even number of values lies between the middle two.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	mid := len(v) / 2
	if len(v)%2 == 1 {
		return v[mid]
	}
	return (v[mid-1] + v[mid]) / 2
}

// medianRound takes the median of each figure by itself.
func medianRound(rounds []Round) Round {
	of := func(figure func(Round) float64) float64 {
		var v []float64
		for _, r := range rounds {
			v = append(v, figure(r))
		}
		return median(v)
	}
	m := Round{
		Seconds:    of(func(r Round) float64 { return r.Seconds }),
		Operations: int64(of(func(r Round) float64 { return float64(r.Operations) })),
		PerSecond:  of(func(r Round) float64 { return r.PerSecond }),
		P50:        of(func(r Round) float64 { return r.P50 }),
		P95:        of(func(r Round) float64 { return r.P95 }),
		P99:        of(func(r Round) float64 { return r.P99 }),
		Max:        of(func(r Round) float64 { return r.Max }),
	}
	var cpu []float64
	for _, r := range rounds {
		if r.CPU != nil {
			cpu = append(cpu, *r.CPU)
		}
	}
	if len(cpu) > 0 {
		c := median(cpu)
		m.CPU = &c
	}
	return m
}
