package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// soakReadings is how often the server is looked at in all, unless that is too often or
	// too seldom.
	soakReadings = 90
	soakOften    = 100 * time.Millisecond
	soakSeldom   = 20 * time.Second
	// soakMost is below the lifetime of access tokens, which nobody renews here.
	soakMost = 23 * time.Hour
	// soakLines is how many lines a soak shows that is too short for one each minute.
	soakLines = 10
)

// measureSoak lets people use the server for hours as people do, and watches whether it
// grows.
func measureSoak(ctx context.Context, g *rig) (Row, error) {
	n := g.sizes.soakers
	row := Row{Title: fmt.Sprintf("%d people with a socket each do something every %v, for %v", n, g.sizes.pace, g.o.Soak)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	devices, err := g.signIn(ctx, t, "user", n)
	if err != nil {
		return row, err
	}
	people := func(room int) (people []string) {
		for i := range min(n, soakRoom) {
			people = append(people, g.xc("user", (room+i)%n))
		}
		return people
	}
	// As many rooms as people: each is in soakRoom of them.
	rooms, err := g.roomsOfDevices(ctx, t, "room", n, people)
	if err != nil {
		return row, err
	}
	var done soakCounts
	crowd := make([]*soaker, n)
	for i, d := range devices {
		crowd[i] = &soaker{rig: g, t: t, number: i, device: d, rooms: rooms, counts: &done}
	}
	readings, err := g.soak(ctx, t, crowd, &done)
	if err != nil {
		return row, err
	}
	row.Values, row.Goals = soakValues(readings), soakGoals(readings)
	row.Notes = []string{done.String()}
	return row, nil
}

// soak runs the crowd for its time and returns what was seen of the server meanwhile.
func (g *rig) soak(ctx context.Context, t target, crowd []*soaker, done *soakCounts) ([]soakReading, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	over := make(chan struct{})
	for _, s := range crowd {
		group.Go(func() error { // ends with over, or with the first failure
			if err := s.live(ctx, over, g.sizes.pace); err != nil {
				return t.fate(fmt.Errorf("soaker %d: %w", s.number, err))
			}
			return nil
		})
	}
	var readings []soakReading
	group.Go(func() (err error) {
		defer close(over)
		readings, err = g.watch(ctx, t, done)
		return err
	})
	err := group.Wait()
	return readings, err
}

// watch reads the server's figures until the time is over.
func (g *rig) watch(ctx context.Context, t target, done *soakCounts) (readings []soakReading, err error) {
	start, shown := time.Now(), time.Duration(0)
	every := min(time.Minute, g.o.Soak/soakLines)
	tick := time.NewTicker(min(max(g.o.Soak/soakReadings, soakOften), soakSeldom))
	defer tick.Stop()
	for time.Since(start) < g.o.Soak {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return readings, context.Cause(ctx)
		}
		r, err := readSoak(ctx, t)
		if err != nil {
			return readings, t.fate(err)
		}
		r.at = time.Since(start)
		readings = append(readings, r)
		if r.at >= shown+every {
			shown = r.at.Truncate(every)
			g.show.say("%s, %v: %s, %s", g.row, r.at.Round(every/soakLines), r, done)
		}
	}
	return readings, nil
}
