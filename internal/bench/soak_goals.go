package bench

import (
	"context"
	"fmt"
	"math"
	"time"
)

// What a server may grow by between the second third of a soak and the last: caches fill,
// and the collector comes when it comes. In the first third it may do as it likes.
const (
	memoryFactor    = 1.10
	memoryExtra     = 8 * mebibyte / megabyte // MB
	goroutineFactor = 1.05
	goroutineExtra  = 20
	mebibyte        = 1 << 20 // bytes
)

// soakReading is what a server says of itself.
type soakReading struct {
	at         time.Duration // since the beginning
	resident   float64       // MB
	heap       float64       // MB that the last collection found in use
	goroutines float64
	sessions   float64
}

// String is a line of the progress.
func (r soakReading) String() string {
	return fmt.Sprintf("%.1f MB resident, %.1f MB live heap, %.0f goroutines, %.0f sessions", r.resident, r.heap,
		r.goroutines, r.sessions)
}

func readSoak(ctx context.Context, t target) (soakReading, error) {
	v, err := metrics(ctx, t.url, "process_resident_memory_bytes", "go_goroutines", "parlor_sessions",
		"go_memstats_next_gc_bytes", "go_gc_gogc_percent")
	if err != nil {
		return soakReading{}, err
	}
	// The heap may grow to so much more than what is in use, and all the way there is garbage.
	return soakReading{
		resident: v[0] / megabyte, goroutines: v[1], sessions: v[2], heap: v[3] / (1 + v[4]/100) / megabyte,
	}, nil
}

// soakFigures are the figures of a reading, in the order in which they are shown.
func soakFigures() []struct {
	name, unit string
	of         func(soakReading) float64
} {
	return []struct {
		name, unit string
		of         func(soakReading) float64
	}{
		{"resident memory", "MB", func(r soakReading) float64 { return r.resident }},
		{"live heap", "MB", func(r soakReading) float64 { return r.heap }},
		{"goroutines", "at once", func(r soakReading) float64 { return r.goroutines }},
		{"sessions", "at once", func(r soakReading) float64 { return r.sessions }},
	}
}

func soakValues(readings []soakReading) (values []Value) {
	seconds := newValue("time of the readings", "s", "since the beginning", each(readings, func(r soakReading) float64 {
		return r.at.Seconds()
	})...)
	values = append(values, seconds)
	for _, f := range soakFigures() {
		values = append(values, newValue(f.name, f.unit, "of the server's process, from its own metrics",
			each(readings, f.of)...))
	}
	return values
}

// soakGoals compares the last third with the second one: the median of its readings must
// not be higher by more than the margin. Fewer than three readings have no goals.
func soakGoals(readings []soakReading) (goals []Goal) {
	third := len(readings) / 3
	if third == 0 {
		return nil
	}
	second, last := readings[len(readings)-2*third:len(readings)-third], readings[len(readings)-third:]
	for _, f := range soakFigures()[:3] {
		factor, extra := memoryFactor, memoryExtra
		if f.name == "goroutines" {
			factor, extra = goroutineFactor, goroutineExtra
		}
		limit := math.Ceil(10*(median(each(second, f.of))*factor+extra)) / 10
		goals = append(goals, atMost(limit, f.unit, f.name+" in the last third", each(last, f.of)))
	}
	return goals
}

func each(readings []soakReading, of func(soakReading) float64) (v []float64) {
	for _, r := range readings {
		v = append(v, of(r))
	}
	return v
}
