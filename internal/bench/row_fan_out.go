package bench

import (
	"bytes"
	"context"
	"fmt"
)

// measureFanOut is one message to everybody in a room, all of them connected, beside a bare
// broadcast of the same frame through the same WebSocket library.
func measureFanOut(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("a message of %d bytes to every member of a room, all connected, "+
		"one message after the other", bodyBytes)}
	most := g.sizes.crowds[len(g.sizes.crowds)-1]
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	bare, err := g.bareSockets(ctx)
	if err != nil {
		return row, err
	}
	devices, err := g.signIn(ctx, t, "member", most)
	if err != nil {
		return row, err
	}
	for i, n := range g.sizes.crowds {
		if err := g.enoughFiles(2 * n); err != nil { // one crowd here, one at the ceiling
			g.leaveOut("%d members: %v", n, err)
			continue
		}
		people := make([]string, n)
		for j := range people {
			people[j] = g.xc("member", j)
		}
		rooms, err := g.roomsOfDevices(ctx, t, fmt.Sprintf("of-%d", i), 1, func(int) []string { return people })
		if err != nil {
			return row, err
		}
		if err := g.fanOut(ctx, t, bare, group{rooms[0], devices[:n]}, &row); err != nil {
			return row, err
		}
	}
	return row, nil
}

// group is a room and the devices of all who are in it.
type group struct {
	room    string
	devices []device
}

// fanOut measures one size of a room, at Parlor and at the bare sockets.
func (g *rig) fanOut(ctx context.Context, t, bare target, in group, row *Row) error {
	size := len(in.devices)
	members, err := g.gather(ctx, t, in.devices)
	if err != nil {
		return err
	}
	defer members.disperse()
	others, err := g.gather(ctx, bare, make([]device, size))
	if err != nil {
		return err
	}
	defer others.disperse()
	localID, frame, err := message(in.room, plainBody())
	if err != nil {
		return err
	}
	// The ceiling sends what Parlor makes of a message.
	sample, err := members.tell(ctx, localID, frame)
	if err != nil {
		return t.fate(err)
	}
	work := thousands(int64(size)) + " members"
	m, err := g.interleave(ctx,
		tells(work+": parlor", fmt.Sprintf("each message is stored and comes as a frame of %s bytes",
			thousands(int64(len(sample)))),
			t, members, func() (string, []byte, error) { return message(in.room, plainBody()) }),
		tells(work+": bare broadcast",
			"a process of its own writes the same frames to all, through the same library, and stores nothing",
			bare, others, func() (string, []byte, error) {
				fresh, _, err := message(in.room, "")
				return fresh, bytes.ReplaceAll(sample, []byte(localID), []byte(fresh)), err
			}))
	if err != nil {
		return err
	}
	row.Measurements = append(row.Measurements, m...)
	for _, one := range m {
		row.Values = append(row.Values, newValue(one.Name, "deliveries a second", "messages times members",
			one.each(func(r Round) float64 { return r.PerSecond * float64(size) })...))
	}
	// Those who read cost the same on both sides, and slow both down. This does not count them.
	if cost := timesTheCost(m[0], m[1]); cost != nil {
		row.Values = append(row.Values, newValue(work+": processor time", "x the bare broadcast's",
			"of the servers alone, round by round", cost...))
	}
	if size == g.sizes.crowds[len(g.sizes.crowds)-1] {
		row.Goals = append(row.Goals, atLeast(60, "% of the bare broadcast", "a message to "+work, percentOf(m[0], m[1])))
	}
	return nil
}

// tells is a load of messages, each of which is done when the last of the crowd has it.
func tells(name, what string, t target, c *crowd, next func() (localID string, frame []byte, err error)) load {
	return load{
		name: name, what: what + "; the times are those until the last one has it", workers: 1, cpu: t.cpu,
		open: func(ctx context.Context, _ int) (func() error, func(), error) {
			do := func() error {
				localID, frame, err := next()
				if err == nil {
					_, err = c.tell(ctx, localID, frame)
				}
				if err != nil {
					return t.fate(err)
				}
				return nil
			}
			return do, func() {}, nil
		},
	}
}
