package bench

import (
	"context"
	"fmt"
	"time"
)

// interleave runs the loads in turn, round after round, so that a machine that is busy
// for a while is busy for all of them. The result has the loads' order.
func (g *rig) interleave(ctx context.Context, loads ...load) ([]Measurement, error) {
	out := make([]Measurement, len(loads))
	for i, l := range loads {
		out[i] = Measurement{Name: l.name, What: l.what, Workers: l.workers}
	}
	for round := range g.o.Rounds {
		for i, l := range loads {
			r, err := g.measure(ctx, l, fmt.Sprintf("%s, round %d of %d, %s", g.row, round+1, g.o.Rounds, l.name))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", l.name, err)
			}
			out[i].Rounds = append(out[i].Rounds, r)
		}
	}
	for i := range out {
		out[i].Median = medianRound(out[i].Rounds)
	}
	return out, nil
}

// measure runs one load once and shows how far it is.
func (g *rig) measure(ctx context.Context, l load, label string) (Round, error) {
	if l.whole != nil {
		if l.before != nil {
			if err := l.before(); err != nil {
				return Round{}, err
			}
		}
		state := func() string { return "under way" }
		if l.state != nil {
			state = l.state
		}
		done := g.show.task(label, state)
		r, err := l.runWhole(ctx)
		done(outcome(r, err))
		return r, err
	}
	var done func(string)
	r, err := l.run(ctx, g.o.Duration, func(w *window) {
		done = g.show.task(label, func() string {
			left := max(0, time.Until(w.end()))
			return fmt.Sprintf("%s done, %.1f s left", thousands(w.total.Load()), left.Seconds())
		})
	})
	if done != nil {
		done(outcome(r, err))
	}
	return r, err
}

func outcome(r Round, err error) string {
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s a second, p99 %.2f ms", thousands(int64(r.PerSecond)), r.P99)
}
