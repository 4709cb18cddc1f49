package bench

import (
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1)*time.Millisecond)
	}
	for _, tt := range []struct {
		name   string
		sorted []time.Duration
		p      int
		want   float64
	}{
		{"none", nil, 99, 0},
		{"one", hundred[:1], 50, 1},
		{"two", hundred[:2], 50, 1},
		{"the last of two", hundred[:2], 95, 2},
		{"median", hundred, 50, 50},
		{"95", hundred, 95, 95},
		{"99", hundred, 99, 99},
	} {
		if got := percentile(tt.sorted, tt.p); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median of %v is %v, want %v", tt.values, got, tt.want)
		}
	}
}

// Ratios are taken within each round, so that a machine that is slow for a round is slow
// on both sides.
func TestRatios(t *testing.T) {
	of := func(perSecond ...float64) (m Measurement) {
		for _, p := range perSecond {
			m.Rounds = append(m.Rounds, Round{PerSecond: p})
		}
		return m
	}
	g := atLeast(50, "%", "work", percentOf(of(60, 6, 30), of(100, 10, 100)))
	if g.Value != 60 || g.Low != 30 || g.High != 60 || !g.Met {
		t.Errorf("%+v", g)
	}
	g = atMost(1.2, "x", "work", timesAsLong(of(100, 100), of(150, 110)))
	if g.Value < 1.29 || g.Value > 1.31 || g.Met || g.verdict() != "MISSED" {
		t.Errorf("%+v", g)
	}
}

func TestCost(t *testing.T) {
	of := func(cpu ...float64) (m Measurement) {
		for _, c := range cpu {
			m.Rounds = append(m.Rounds, Round{CPU: &c})
		}
		return m
	}
	if got := timesTheCost(of(3, 8), of(2, 2)); len(got) != 2 || got[0] != 1.5 || got[1] != 4 {
		t.Errorf("%v", got)
	}
	unknown := Measurement{Rounds: []Round{{}, {}}}
	for _, base := range []Measurement{unknown, of(0, 1)} {
		if got := timesTheCost(of(3, 8), base); got != nil {
			t.Errorf("%v of what is not known", got)
		}
	}
}

func TestBounds(t *testing.T) {
	at := []float64{25}
	if !atLeast(25, "", "", at).Met || !atMost(25, "", "", at).Met || below(25, "", "", at).Met {
		t.Error("at least and at most include their limit, below does not")
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -12345: "-12,345", -123: "-123",
	} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestProgress(t *testing.T) {
	var lines strings.Builder
	done := (&progress{w: &lines}).task("list", func() string { return "under way" })
	done("10 a second")
	if lines.String() != "list: 10 a second\n" {
		t.Errorf("without a terminal: %q", lines.String())
	}
	var screen strings.Builder
	drawn := make(chan struct{}, 100)
	done = (&progress{w: &screen, terminal: true}).task("list", func() string {
		drawn <- struct{}{}
		return "under way"
	})
	<-drawn
	done("")
	if got := screen.String(); !strings.Contains(got, "\r\x1b[Klist: under way") || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("on a terminal: %q", got)
	}
}

// A report of nothing, and one of a failure, can still be written.
func TestPoorReports(t *testing.T) {
	var b strings.Builder
	r := newReport(Options{})
	r.Failure = "the disk is full"
	r.Machine = Machine{}
	if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), "FAILED    the disk is full") {
		t.Errorf("%v: %s", err, b.String())
	}
}
