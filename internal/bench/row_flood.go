package bench

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

const (
	floodSenders = 8 // members of a room who send at once
	floodWarmUp  = 5 // what part of a round comes before the first
)

// measureFlood is messages to everybody in a room from several who do not wait, beside the
// bare broadcast under the same load.
func measureFlood(ctx context.Context, g *rig) (Row, error) {
	n := g.sizes.flood
	row := Row{Title: fmt.Sprintf("messages of %d bytes to %s members of a room, all connected, from %d of them who do not wait",
		bodyBytes, thousands(int64(n)), floodSenders)}
	if err := g.enoughFiles(2 * n); err != nil { // one crowd here, one at the ceiling
		g.leaveOut("%v", err)
		return row, nil
	}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	in, err := g.oneRoom(ctx, t, n)
	if err != nil {
		return row, err
	}
	sample, err := g.sampleFrame(ctx, t, in)
	if err != nil {
		return row, err
	}
	subject, err := g.floods(ctx, "parlor", "each message is stored, and goes to everybody", t, in, nil)
	if err != nil {
		return row, err
	}
	bare, err := g.bareSockets(ctx)
	if err != nil {
		return row, err
	}
	ceiling, err := g.floods(ctx, "bare broadcast", "a process of its own writes each frame to all, one after the other, "+
		"through the same library, and stores nothing", bare, in, sample)
	if err != nil {
		return row, err
	}
	m, err := g.interleave(ctx, subject, ceiling)
	if row.Measurements = m; err != nil {
		return row, err
	}
	for _, one := range m {
		row.Values = append(row.Values, newValue(one.Name, "deliveries a second", "messages times members",
			one.each(func(r Round) float64 { return r.PerSecond * float64(n) })...))
		if cost := one.costs(1000 / float64(n)); cost != nil { // of 1,000 messages, in µs for each member
			row.Values = append(row.Values, newValue(one.Name+": processor time", "µs of the server for each delivery",
				"storing the messages included", cost...))
		}
	}
	row.Goals = []Goal{atLeast(148, "% of the bare broadcast", "deliveries to "+thousands(int64(n))+" members",
		percentOf(m[0], m[1]))}
	return row, nil
}

// oneRoom signs n users in who are all in one room.
func (g *rig) oneRoom(ctx context.Context, t target, n int) (group, error) {
	devices, err := g.signIn(ctx, t, "member", n)
	if err != nil {
		return group{}, err
	}
	people := make([]string, n)
	for i := range people {
		people[i] = g.xc("member", i)
	}
	rooms, err := g.roomsOfDevices(ctx, t, "everybody", 1, func(int) []string { return people })
	if err != nil {
		return group{}, err
	}
	return group{rooms[0], devices}, nil
}

// frameSample is what a server makes of a message with this localID.
type frameSample struct {
	localID string
	event   []byte
}

// sampleFrame lets one of the room send a message to themselves.
func (g *rig) sampleFrame(ctx context.Context, t target, in group) (*frameSample, error) {
	c, err := g.gather(ctx, t, in.devices[:1])
	if err != nil {
		return nil, err
	}
	defer c.disperse()
	localID, frame, err := message(in.room, plainBody())
	if err != nil {
		return nil, err
	}
	event, err := c.tell(ctx, localID, frame)
	if err != nil {
		return nil, t.fate(err)
	}
	return &frameSample{localID, event}, nil
}

// floods is the load of a room whose members send without waiting. What they send is
// messages, or the events that a sample is one of.
func (g *rig) floods(ctx context.Context, name, what string, t target, in group, sample *frameSample) (load, error) {
	next := func() (string, []byte, error) { return message(in.room, plainBody()) }
	if sample != nil {
		next = func() (string, []byte, error) {
			fresh, _, err := message(in.room, "")
			return fresh, bytes.ReplaceAll(sample.event, []byte(sample.localID), []byte(fresh)), err
		}
	}
	f, err := g.newFlood(ctx, t, in.devices, min(floodSenders, len(in.devices)), next)
	if err != nil {
		return load{}, err
	}
	if _, _, err := f.run(ctx, g.o.Duration/floodWarmUp); err != nil {
		return load{}, err
	}
	return load{
		name: name, workers: len(f.senders), cpu: t.cpu,
		what: fmt.Sprintf("%s; %d messages are under way at once, by the average of the members; "+
			"the times are those until a message comes back to its sender", what, floodWindow),
		whole: func(ctx context.Context) (time.Duration, []time.Duration, error) { return f.run(ctx, g.o.Duration) },
	}, nil
}
