package bench

import (
	"fmt"
	"math"
	"slices"
)

// sureEnough is the chance of a verdict where there is no difference: with ten rows, one run
// in ten is wrong about one of them.
const sureEnough = 0.01

// What a comparison of pairs shows.
const (
	verdictFaster  = "faster"
	verdictSlower  = "slower"
	verdictCheaper = "less CPU"
	verdictDearer  = "more CPU"
	verdictSmaller = "smaller"
	verdictLarger  = "larger"
	verdictNone    = "no difference shown"
)

// Ratios are those of pairs that were measured right after each other: the new one's figure by
// the base's.
type Ratios struct {
	Median float64   `json:"median"`
	Low    float64   `json:"lower_quartile"`
	High   float64   `json:"upper_quartile"`
	All    []float64 `json:"all"`
}

func newRatios(all []float64) Ratios {
	sorted := slices.Sorted(slices.Values(all))
	return Ratios{Median: median(all), Low: quantile(sorted, 0.25), High: quantile(sorted, 0.75), All: all}
}

// String is the median with its quartiles.
func (r Ratios) String() string {
	if len(r.All) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f)", r.Median, r.Low, r.High)
}

// quantile is the value below which a part q of sorted values lies, between two of them if
// need be.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// verdict says on which side of 1 the ratios are. It asks no more of them than that: how much
// single pairs are off, or how that is spread, does not count, so that a machine with hiccups
// is no reason for a verdict. Pairs that are equal speak for neither side.
func (r Ratios) verdict(above, below string) string {
	more, less := 0, 0
	for _, v := range r.All {
		switch {
		case v > 1:
			more++
		case v < 1:
			less++
		}
	}
	switch n := more + less; {
	case n == 0 || byChance(n, max(more, less)) > sureEnough:
		return verdictNone
	case more > less:
		return above
	default:
		return below
	}
}

// byChance is how likely at least k of n fair coins, or at most n-k, fall on the same side: the
// sign test of two sides.
func byChance(n, k int) float64 {
	p := 0.0
	for i := k; i <= n; i++ {
		p += math.Exp(logChoose(n, i) - float64(n)*math.Ln2)
	}
	return min(1, 2*p)
}

func logChoose(n, k int) float64 {
	gamma := func(x int) float64 {
		v, _ := math.Lgamma(float64(x + 1))
		return v
	}
	return gamma(n) - gamma(k) - gamma(n-k)
}
