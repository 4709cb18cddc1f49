package bench

import (
	"math"
	"slices"
	"testing"
)

func TestVerdict(t *testing.T) {
	times := func(n int, v float64) []float64 { return slices.Repeat([]float64{v}, n) }
	for _, tt := range []struct {
		name   string
		ratios []float64
		want   string
	}{
		{"nothing", nil, verdictNone},
		{"the same", times(12, 1), verdictNone},
		{"all above", times(12, 1.01), verdictFaster},
		{"all below", times(12, 0.5), verdictSlower},
		{"all but one", append(times(11, 1.1), 0.1), verdictFaster},
		{"all but two", append(times(10, 1.1), 0.9, 0.9), verdictNone},
		{"far, but now and then", append(times(6, 3), times(6, 0.9)...), verdictNone},
		{"too few to be sure", times(7, 2), verdictNone},
		{"enough", times(8, 2), verdictFaster},
		{"ties do not count", append(times(8, 2), times(4, 1)...), verdictFaster},
	} {
		if got := newRatios(tt.ratios).verdict(verdictFaster, verdictSlower); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestByChance(t *testing.T) {
	for _, tt := range []struct {
		n, k int
		want float64
	}{{1, 1, 1}, {8, 8, 2.0 / 256}, {12, 11, 2 * 13.0 / 4096}, {10, 5, 1}} {
		if got := byChance(tt.n, tt.k); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%d of %d: %v, want %v", tt.k, tt.n, got, tt.want)
		}
	}
}

func TestQuartiles(t *testing.T) {
	for _, tt := range []struct {
		all               []float64
		low, middle, high float64
	}{
		{[]float64{2}, 2, 2, 2},
		{[]float64{5, 1, 2, 3, 4}, 2, 3, 4},
		{[]float64{1, 2}, 1.25, 1.5, 1.75},
	} {
		if r := newRatios(tt.all); r.Low != tt.low || r.Median != tt.middle || r.High != tt.high {
			t.Errorf("%v: %s", tt.all, r)
		}
	}
}

// Each pair has both, and now the one comes first and now the other.
func TestPairs(t *testing.T) {
	var order []string
	one := func(name string) load {
		return load{name: name, workers: 1, whole: wholeOf(func() { order = append(order, name) })}
	}
	g := &rig{o: Options{Rounds: 64}, row: "test", show: &progress{w: t.Output()}}
	pairs, err := g.pairs(t.Context(), [2]load{one("A"), one("B")})
	if err != nil || len(pairs) != 64 || len(order) != 128 {
		t.Fatalf("%d pairs, %v", len(pairs), err)
	}
	first := map[string]int{}
	for pair := range slices.Chunk(order, 2) {
		if pair[0] == pair[1] {
			t.Fatalf("a pair of the same: %v", order)
		}
		first[pair[0]]++
	}
	if len(first) != 2 { // by chance once in 2^63 runs
		t.Errorf("always the same one came first: %v", first)
	}
}
