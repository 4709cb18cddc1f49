package bench

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// stormRoom is how many of the users of storm are in a room with each other.
const stormRoom = 10

// measureStorm is a crowd that loses all its sockets and comes back at the same moment,
// beside the same at the bare WebSocket server.
func measureStorm(ctx context.Context, g *rig) (Row, error) {
	n := g.sizes.storm
	row := Row{Title: fmt.Sprintf("%s sockets are closed at once, and all open again at once", thousands(int64(n)))}
	if err := g.enoughFiles(2 * n); err != nil {
		g.leaveOut("%v", err)
		return row, nil
	}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	bare, err := g.bareSockets(ctx)
	if err != nil {
		return row, err
	}
	devices, err := g.signIn(ctx, t, "user", n)
	if err != nil {
		return row, err
	}
	sockets, err := g.connect(ctx, t, devices)
	if err != nil {
		return row, err
	}
	if err := g.talk(ctx, t, n/stormRoom); err != nil {
		return row, err
	}
	others, err := g.connect(ctx, bare, devices)
	if err != nil {
		return row, err
	}
	row.Measurements, err = g.interleave(ctx,
		storm("parlor", "each device shows its token", t, devices, sockets),
		storm("bare WebSocket server", "a process of its own takes everybody", bare, devices, others))
	if err != nil {
		return row, err
	}
	back := func(m Measurement) []float64 { return m.each(func(r Round) float64 { return r.Seconds }) }
	work := fmt.Sprintf("all %s are back", thousands(int64(n)))
	row.Values = []Value{
		newValue(work, "s", "until the last one has had an answer", back(row.Measurements[0])...),
		newValue("ceiling: "+work, "s", "the same at the bare WebSocket server", back(row.Measurements[1])...),
		newValue("ratio", "x the time at the bare WebSocket server", "round by round",
			timesAsLong(row.Measurements[0], row.Measurements[1])...),
	}
	row.Goals = []Goal{below(1, "s", work, back(row.Measurements[0]))}
	return row, nil
}

// talk makes rooms and lets a message come to each, so that the server has reason to know
// who is in them.
func (g *rig) talk(ctx context.Context, t target, rooms int) error {
	err := g.putRooms(ctx, t, "room", rooms, func(room int) (people []string) {
		for i := range stormRoom {
			people = append(people, g.xc("user", room*stormRoom+i))
		}
		return people
	})
	if err != nil {
		return err
	}
	return g.postAll(ctx, t.call("message/send/custom"), "messages", rooms, func(i int) map[string]any {
		return map[string]any{
			"messageType": 1001, "body": "Your order has shipped", "senderXCUserID": g.xc("user", i*stormRoom),
			"xcRoomID": g.xc("room", i),
		}
	})
}

// storm closes the sockets and opens new ones, once a round. The time of each is from the
// moment on in which all are gone, until a ping has been answered.
func storm(name, what string, t target, devices []device, sockets []*socket) load {
	return load{
		name: name, what: what + "; the times are from the loss of all sockets until the new one has had an answer",
		workers: len(devices), cpu: t.cpu,
		whole: func(ctx context.Context) (time.Duration, []time.Duration, error) {
			closeAll(sockets)
			tooks := make([]time.Duration, len(devices))
			var group errgroup.Group
			start := time.Now()
			for i, d := range devices {
				group.Go(func() error {
					s, err := dialSocket(ctx, t, bearer(d.access))
					if err != nil {
						return err
					}
					sockets[i] = s
					err = s.answers()
					tooks[i] = time.Since(start)
					return err
				})
			}
			if err := group.Wait(); err != nil {
				return 0, nil, t.fate(err)
			}
			return time.Since(start), tooks, nil
		},
	}
}
