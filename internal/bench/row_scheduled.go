package bench

import (
	"context"
	"fmt"
)

// measureScheduled is messages that are due one after the other: by how much they come late.
func measureScheduled(ctx context.Context, g *rig) (Row, error) {
	n := thousands(int64(g.sizes.scheduled))
	row := Row{Title: fmt.Sprintf("%s scheduled messages that are due within %v", n, g.sizes.spread)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	s, err := g.newSchedule(ctx, t, g.sizes.scheduled, g.sizes.spread)
	if err != nil {
		return row, err
	}
	row.Measurements, err = g.interleave(ctx, s.load(ctx, "parlor", fmt.Sprintf("%s messages, each of another sender "+
		"in a room or in another room, are due at even distances", n)))
	if err != nil {
		return row, err
	}
	row.Notes = s.notes()
	latest := row.Measurements[0].each(func(r Round) float64 { return r.Max })
	row.Values = []Value{newValue("the latest message", "ms after its time", "round by round", latest...)}
	row.Goals = []Goal{
		below(1000, "ms after their time, p99", n+" messages due in "+g.sizes.spread.String(),
			row.Measurements[0].each(func(r Round) float64 { return r.P99 })),
		below(1000, "ms after its time", "the latest of "+n+" messages", latest),
	}
	return row, nil
}
