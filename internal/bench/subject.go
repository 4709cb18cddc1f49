package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// subject is a way to work that any Parlor can be measured at by itself.
type subject struct {
	name, unit string
	// ready fills a server's empty database and makes the load.
	ready func(ctx context.Context, g *rig, t target) (load, error)
	// weigh, instead, measures something else than a rate, of servers that it starts itself.
	weigh func(ctx context.Context, g *rig, start [2]starter) (base, other []float64, err error)
}

// starter starts a server of one of the two programs.
type starter func(ctx context.Context, db database) (target, error)

// subjects are the rows of a comparison, the lightest first.
func subjects() []subject {
	return []subject{
		{"room-get", "calls a second", func(ctx context.Context, g *rig, t target) (load, error) {
			l, _, err := g.readyRoomGets(ctx, t)
			return l, err
		}, nil},
		{"create", "calls a second", func(_ context.Context, g *rig, t target) (load, error) {
			return g.newRooms(t), nil
		}, nil},
		{"room", "calls a second", func(ctx context.Context, g *rig, t target) (load, error) {
			return g.readyFullRooms(ctx, t)
		}, nil},
		{"send", "messages a second", func(ctx context.Context, g *rig, t target) (load, error) {
			return g.readySends(ctx, t)
		}, nil},
		{"socket-send", "messages a second", func(ctx context.Context, g *rig, t target) (load, error) {
			return g.readySocketSends(ctx, t)
		}, nil},
		{"list", "lists a second", readyLists, nil},
		{"fan-out", "messages a second", readyFanOut, nil},
		{"flood", "messages a second", readyFlood, nil},
		{"idle", "KiB each", nil, weighIdle},
		{"storm", "sockets a second", readyStorm, nil},
	}
}

// CompareNames returns the names of the rows of a comparison, in their order.
func CompareNames() []string {
	var names []string
	for _, s := range subjects() {
		names = append(names, s.name)
	}
	return names
}

// compared is how much data a comparison works on.
func (s sizes) compared() sizes {
	if s.manyRooms > s.fewRooms {
		s.manyRooms = s.fewRooms
	}
	s.crowd, s.storm, s.idle = s.flood, s.flood, []int{s.flood / 2}
	s.settle = min(s.settle, time.Second)
	return s
}

// compare measures the subject at both programs.
func (s subject) compare(ctx context.Context, g *rig, base string) (ComparisonRow, error) {
	row := ComparisonRow{Unit: s.unit}
	start := [2]starter{
		func(ctx context.Context, db database) (target, error) {
			t, err := g.serveBy(ctx, base, db)
			if err != nil {
				err = baseError{err}
			}
			return t, err
		},
		g.serve,
	}
	if s.weigh != nil {
		before, after, err := s.weigh(ctx, g, start)
		if err != nil {
			return row, err
		}
		row.Base, row.New, row.Ratios = median(before), median(after), newRatios(divide(after, before))
		row.Verdict = row.Ratios.verdict(verdictLarger, verdictSmaller)
		return row, nil
	}
	var loads [2]load
	for i, name := range []string{"base", "new"} {
		db, err := g.newDatabase(ctx, name)
		if err != nil {
			return row, err
		}
		t, err := start[i](ctx, db)
		if err != nil {
			return row, err
		}
		if loads[i], err = s.ready(ctx, g, t); err != nil {
			return row, ofProgram(i, err)
		}
		loads[i].name = name
	}
	pairs, err := g.pairs(ctx, loads)
	if err != nil {
		return row, err
	}
	of := func(figure func(Round) float64) (v [2][]float64) {
		for _, p := range pairs {
			v[0], v[1] = append(v[0], figure(p[0])), append(v[1], figure(p[1]))
		}
		return v
	}
	rates := of(func(r Round) float64 { return r.PerSecond })
	row.Base, row.New, row.Ratios = median(rates[0]), median(rates[1]), newRatios(divide(rates[1], rates[0]))
	row.CPU, row.Verdict = cpuRatios(pairs), row.Ratios.verdict(verdictFaster, verdictSlower)
	if cost := row.CPU.verdict(verdictDearer, verdictCheaper); cost != verdictNone {
		row.Verdict += "; " + cost
	}
	return row, nil
}

// ofProgram marks an error of the base.
func ofProgram(i int, err error) error {
	if i == 0 {
		return baseError{err}
	}
	return err
}

func divide(a, b []float64) (v []float64) {
	for i := range a {
		v = append(v, a[i]/b[i])
	}
	return v
}

// cpuRatios leaves pairs out of which the processor time is not known, or too short to be.
func cpuRatios(pairs [][2]Round) Ratios {
	var v []float64
	for _, p := range pairs {
		if p[0].CPU != nil && p[1].CPU != nil && *p[0].CPU > 0 {
			v = append(v, *p[1].CPU / *p[0].CPU)
		}
	}
	return newRatios(v)
}

// firstOf says by a coin which of two comes first in a pair. In a fixed order, such as A B B A,
// two slices of the same program are neighbours, so that one busy moment of the machine speaks
// against it in two pairs, which then count as if they did not know of each other. With a coin
// the sign test is exact, whatever else the machine does.
func firstOf() int { return rand.IntN(2) } //nolint:gosec // G404: a coin, nobody gains by guessing it

// pairs runs the two loads in turn, as many pairs as there are rounds.
func (g *rig) pairs(ctx context.Context, loads [2]load) (all [][2]Round, err error) {
	for n := range g.o.Rounds {
		var pair [2]Round
		first := firstOf()
		for k := range pair {
			i := (first + k) % 2
			label := fmt.Sprintf("%s, pair %d of %d, %s", g.row, n+1, g.o.Rounds, loads[i].name)
			if pair[i], err = g.measure(ctx, loads[i], label); err != nil {
				return nil, ofProgram(i, err)
			}
		}
		all = append(all, pair)
	}
	return all, nil
}

func readyLists(ctx context.Context, g *rig, t target) (load, error) {
	if err := g.fillLists(ctx, &filler{rig: g, t: t, name: "lists"}, g.sizes.manyRooms); err != nil {
		return load{}, err
	}
	if _, err := g.checkList(ctx, t, g.xc("owner", 0), g.sizes.listShort); err != nil {
		return load{}, err
	}
	return g.lists("lists", "each call lists the rooms of another user", t, "owner", g.sizes.owners()), nil
}

func readyFanOut(ctx context.Context, g *rig, t target) (load, error) {
	in, err := g.oneRoom(ctx, t, g.sizes.flood)
	if err != nil {
		return load{}, err
	}
	members, err := g.gather(ctx, t, in.devices)
	if err != nil {
		return load{}, err
	}
	g.closers = append(g.closers, func() error {
		members.disperse()
		return nil
	})
	return tells("fan-out", "each message is stored and goes to everybody", t, members,
		func() (string, []byte, error) { return message(in.room, plainBody()) }), nil
}

func readyFlood(ctx context.Context, g *rig, t target) (load, error) {
	in, err := g.oneRoom(ctx, t, g.sizes.flood)
	if err != nil {
		return load{}, err
	}
	return g.floods(ctx, "flood", "each message is stored, and goes to everybody", t, in, nil)
}

func readyStorm(ctx context.Context, g *rig, t target) (load, error) {
	devices, err := g.signIn(ctx, t, "user", g.sizes.storm)
	if err != nil {
		return load{}, err
	}
	sockets, err := g.connect(ctx, t, devices)
	if err != nil {
		return load{}, err
	}
	if err := g.talk(ctx, t, g.sizes.storm/stormRoom); err != nil {
		return load{}, err
	}
	return storm("storm", "each device shows its token", t, devices, sockets), nil
}

// weighIdle weighs sessions at servers that have just been started, once for each pair.
func weighIdle(ctx context.Context, g *rig, start [2]starter) (base, other []float64, err error) {
	n := g.sizes.idle[0]
	if _, err := residentBytes(os.Getpid()); err != nil {
		return nil, nil, baseError{err} // on this system no program can
	}
	var begin [2]func() (target, error)
	var devices [2][]device
	for i, name := range []string{"base", "new"} {
		db, err := g.newDatabase(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		t, err := start[i](ctx, db)
		if err != nil {
			return nil, nil, err
		}
		if devices[i], err = g.signIn(ctx, t, "user", n); err != nil {
			return nil, nil, ofProgram(i, err)
		}
		if err := t.own.stop(); err != nil {
			return nil, nil, ofProgram(i, err)
		}
		begin[i] = func() (target, error) { return start[i](ctx, db) }
	}
	for range min(g.o.Rounds, idlePairs) {
		var kib [2]float64
		first := firstOf()
		for k := range kib {
			i := (first + k) % 2
			if kib[i], err = g.weighSessions(ctx, begin[i], devices[i]); err != nil {
				return nil, nil, ofProgram(i, err)
			}
		}
		base, other = append(base, kib[0]), append(other, kib[1])
	}
	return base, other, nil
}

// idlePairs are enough for a verdict, if all of them agree.
const idlePairs = 8
