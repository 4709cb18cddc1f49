package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// How many callers behave while others do not, and how long each rests between two pieces
// of work: a caller that never rests measures only itself.
const (
	quietCallers = 4
	quietRest    = 20 * time.Millisecond
)

// measureNeighbours is a caller who behaves, alone and beside each of those who do not.
func measureNeighbours(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("hostile neighbours: room/get and a message over a socket, up to its echo, "+
		"by %d callers, beside others who attack", quietCallers)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	h, err := g.newHostile(ctx, t)
	if err != nil {
		return row, err
	}
	quiet, err := g.quiet(ctx, t)
	if err != nil {
		return row, err
	}
	loads := []load{quiet}
	for _, a := range h.attacks() {
		loads = append(loads, beside(quiet, a))
	}
	if row.Measurements, err = g.interleave(ctx, loads...); err != nil {
		return row, err
	}
	p99 := func(s, b Round) float64 { return s.P99 / b.P99 }
	for _, m := range row.Measurements[1:] {
		row.Goals = append(row.Goals, atMost(3, "x the p99 alone", m.Name, perRound(m, row.Measurements[0], p99)))
	}
	return row, nil
}

// quiet is the load of callers who behave.
func (g *rig) quiet(ctx context.Context, t target) (load, error) {
	devices, err := g.signIn(ctx, t, "quiet", 2*quietCallers)
	if err != nil {
		return load{}, err
	}
	rooms, err := g.roomsOfDevices(ctx, t, "quiet", quietCallers, func(i int) []string {
		return []string{g.xc("quiet", 2*i), g.xc("quiet", 2*i+1)}
	})
	if err != nil {
		return load{}, err
	}
	body := plainBody()
	get := t.call("room/get")
	return load{
		name: "alone", workers: quietCallers, rest: quietRest,
		what: "each piece is a room/get of a backend, and then a message of an app, up to its echo; " +
			"after it comes a rest of 20 ms",
		open: func(ctx context.Context, worker int) (func() error, func(), error) {
			c, err := dial(ctx, get)
			if err != nil {
				return nil, nil, t.fate(err)
			}
			s, err := dialSocket(ctx, t, bearer(devices[2*worker].access))
			if err != nil {
				c.close()
				return nil, nil, t.fate(err)
			}
			ask := []byte(`{"xcRoomID":` + strconv.Quote(g.xc("quiet", worker)) + `}`)
			do := func() error {
				if _, err := c.post(ask); err != nil {
					return t.fate(fmt.Errorf("room/get: %w", err))
				}
				localID, frame, err := message(rooms[worker], body)
				if err == nil {
					err = s.sendAndWait(localID, frame)
				}
				if err != nil {
					return t.fate(fmt.Errorf("a message: %w", err))
				}
				return nil
			}
			return do, func() { c.close(); s.close() }, nil
		},
	}, nil
}

// beside is quiet while an attack goes on.
func beside(quiet load, a attack) load {
	l := quiet
	l.name, l.what = a.name, a.what
	l.open = func(ctx context.Context, worker int) (func() error, func(), error) {
		do, closeQuiet, err := quiet.open(ctx, worker)
		if err != nil || worker > 0 {
			return do, closeQuiet, err
		}
		stop, err := a.begin(ctx)
		if err != nil {
			closeQuiet()
			return nil, nil, err
		}
		return do, func() { stop(); closeQuiet() }, nil
	}
	return l
}
