package bench

import (
	"context"
	"fmt"
)

// measureGrowth is how rates change while something grows: the history, a room's members, the
// rooms of a database, the sockets of a server. Each size has a database of its own.
func measureGrowth(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: "rates over what grows: messages stored before, members of a room, rooms of a database, idle sockets"}
	for _, grow := range []func(*rig, context.Context, *Row) error{
		(*rig).overHistory, (*rig).overMembers, (*rig).overRooms, (*rig).overSockets,
	} {
		if err := grow(g, ctx, &row); err != nil {
			return row, err
		}
	}
	return row, nil
}

// curve measures the loads, one for each size, in turn. The rate at the largest is to be at
// least a share of that at the smallest, in percent.
func (g *rig) curve(ctx context.Context, row *Row, c Curve, sizes []int64, loads []load, share float64) error {
	m, err := g.interleave(ctx, loads...)
	row.Measurements = append(row.Measurements, m...)
	if err != nil {
		return err
	}
	c.Points = points(sizes, m)
	row.Curves = append(row.Curves, c)
	last := len(m) - 1
	row.Goals = append(row.Goals, atLeast(share, "% of the rate at "+thousands(sizes[0]),
		fmt.Sprintf("%s at %s %s", c.Title, thousands(sizes[last]), c.Axis), percentOf(m[last], m[0])))
	return nil
}

// overHistory is sends into databases that are older and older.
func (g *rig) overHistory(ctx context.Context, row *Row) error {
	fresh := g.names
	defer func() { g.names = fresh }()
	var sizes []int64
	var databases []database
	for _, n := range g.sizes.histories {
		db, err := g.aged(ctx, fmt.Sprintf("history-%d", n), n)
		if err != nil {
			return err
		}
		sizes, databases = append(sizes, int64(n)), append(databases, db)
	}
	if g.o.Old != "" {
		db, err := g.oldDatabase(ctx)
		if err != nil {
			return err
		}
		n, err := messagesIn(ctx, db)
		if err != nil {
			return err
		}
		sizes, databases = append(sizes, n), append(databases, db)
	}
	g.names = oldNames
	var loads []load
	for i, db := range databases {
		t, err := g.serve(ctx, db)
		if err != nil {
			return err
		}
		sends, err := g.sendsIntoOld(ctx, t, "after "+thousands(sizes[i])+" messages")
		if err != nil {
			return err
		}
		loads = append(loads, sends[0])
		defer func() { _ = t.own.stop() }() // what it has to say was said by its answers
	}
	return g.curve(ctx, row, Curve{
		Name: "history", Title: "sends", Axis: "messages stored before", Unit: "messages a second",
	}, sizes, loads, 95)
}

// overMembers is sends into rooms of more and more members, who are not connected.
func (g *rig) overMembers(ctx context.Context, row *Row) error {
	counts := g.sizes.members
	db, err := g.filled(ctx, "members", func(ctx context.Context, f *filler) error {
		if err := f.users(ctx, "user", counts[len(counts)-1]); err != nil {
			return err
		}
		var few []string
		for i := range fewPeople {
			few = append(few, g.xc("user", i))
		}
		if err := f.rooms(ctx, len(counts), func(int) filledRoom { return filledRoom{people: few} }); err != nil {
			return err
		}
		for room, n := range counts {
			if err := g.join(ctx, f.t, g.xc("room", room), usersOf{"user", fewPeople, n}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	t, err := g.serve(ctx, db)
	if err != nil {
		return err
	}
	defer func() { _ = t.own.stop() }()
	var sizes []int64
	var loads []load
	for room, n := range counts {
		sizes = append(sizes, int64(n))
		loads = append(loads, g.sends("into a room of "+thousands(int64(n)), t, "user", fewPeople,
			func(int) func() int { return func() int { return room } }))
	}
	return g.curve(ctx, row, Curve{
		Name: "members", Title: "sends into a room", Axis: "members", Unit: "messages a second",
	}, sizes, loads, 83)
}

// overRooms is the same list among more and more rooms.
func (g *rig) overRooms(ctx context.Context, row *Row) error {
	var sizes []int64
	var loads []load
	for _, n := range g.sizes.roomCounts {
		t, err := g.serveLists(ctx, fmt.Sprintf("rooms-%d", n), n)
		if err != nil {
			return err
		}
		defer func() { _ = t.own.stop() }()
		sizes = append(sizes, int64(n))
		loads = append(loads, g.lists(fmt.Sprintf("list of %d among %s rooms", g.sizes.listShort, thousands(int64(n))),
			"each call lists the rooms of the same user", t, "short", 1))
	}
	return g.curve(ctx, row, Curve{
		Name: "rooms", Title: fmt.Sprintf("lists of %d rooms", g.sizes.listShort), Axis: "rooms in the database",
		Unit: "lists a second",
	}, sizes, loads, 91)
}

// overSockets is sends at servers to which more and more devices are connected that do nothing.
func (g *rig) overSockets(ctx context.Context, row *Row) error {
	total := 0
	for _, n := range g.sizes.socketCounts {
		total += n
	}
	if err := g.enoughFiles(total); err != nil {
		g.leaveOut("idle sockets: %v", err)
		return nil
	}
	var sizes []int64
	var loads []load
	for _, n := range g.sizes.socketCounts {
		t, err := g.target(ctx, fmt.Sprintf("sockets-%d", n))
		if err != nil {
			return err
		}
		l, err := g.readySends(ctx, t)
		if err != nil {
			return err
		}
		devices, err := g.signIn(ctx, t, "idler", n)
		if err != nil {
			return err
		}
		// They answer pings, as devices do.
		idle, err := g.gather(ctx, t, devices)
		if err != nil {
			return err
		}
		defer idle.disperse()
		l.name = "beside " + thousands(int64(n)) + " idle sockets"
		sizes, loads = append(sizes, int64(n)), append(loads, l)
	}
	return g.curve(ctx, row, Curve{
		Name: "sockets", Title: "sends", Axis: "idle sockets", Unit: "messages a second",
	}, sizes, loads, 90)
}
