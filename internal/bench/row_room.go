package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
)

// measureRoom is room/create_or_update of new rooms with their participants, beside the raw
// group commit of the same rows.
func measureRoom(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("durable room/create_or_update of new rooms with %d participants of %s users, %d connections",
		g.sizes.inRoom, thousands(int64(g.sizes.users)), writeConnections)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	subject, err := g.readyFullRooms(ctx, t)
	if err != nil {
		return row, err
	}
	want := byEngine(g, durable{share: 60, p99: 50}, durable{share: 70, p99: 65})
	if g.o.URL != "" {
		row.Measurements, err = g.interleave(ctx, subject)
		if err == nil {
			row.Goals = []Goal{want.promptly("new rooms", row.Measurements[0])}
		}
		return row, err
	}
	raw, err := g.rawFullRooms(ctx)
	if err != nil {
		return row, err
	}
	if row.Measurements, err = g.interleave(ctx, subject, raw, g.probe()); err == nil {
		row.Goals = want.goals(fmt.Sprintf("new rooms of %d", g.sizes.inRoom), row.Measurements[0], row.Measurements[1])
	}
	return row, err
}

// readyFullRooms makes the users whom new rooms are filled with, and some rooms to begin with,
// which the ceiling has as well.
func (g *rig) readyFullRooms(ctx context.Context, t target) (load, error) {
	if err := g.putUsers(ctx, t, "user", g.sizes.users); err != nil {
		return load{}, err
	}
	if err := g.putRooms(ctx, t, "room", g.sizes.rooms, g.fullRoomPeople); err != nil {
		return load{}, err
	}
	var made atomic.Int64
	start := `{"type":2,"xcRoomID":"` + g.names + "-full-"
	user := `"` + g.names + "-user-"
	return calls("parlor", "each call makes a room and puts its participants into it", t.call("room/create_or_update"),
		writeConnections,
		func(int) func([]byte) []byte {
			return func(b []byte) []byte {
				n := int(made.Add(1))
				b = strconv.AppendInt(append(b, start...), int64(n), 10)
				b = strconv.AppendInt(append(b, `","name":"Order `...), int64(n), 10)
				b = append(b, `","participantXCUserIDs":[`...)
				for i, u := range g.inFullRoom(n) {
					if i > 0 {
						b = append(b, ',')
					}
					b = append(strconv.AppendInt(append(b, user...), int64(u), 10), '"')
				}
				return append(b, "]}"...)
			}
		}), nil
}

// inFullRoom spreads the users over the rooms, in each of which are others.
func (g *rig) inFullRoom(room int) (users []int) {
	for i := range g.sizes.inRoom {
		users = append(users, (room*7+i*(g.sizes.users/g.sizes.inRoom))%g.sizes.users)
	}
	return users
}

// fullRoomPeople are the ids of those whom inFullRoom names.
func (g *rig) fullRoomPeople(room int) (people []string) {
	for _, u := range g.inFullRoom(room) {
		people = append(people, g.xc("user", u))
	}
	return people
}

// rawFullRooms is the ceiling of new rooms with participants.
func (g *rig) rawFullRooms(ctx context.Context) (load, error) {
	db, err := g.filled(ctx, "raw", func(ctx context.Context, f *filler) error {
		if err := f.users(ctx, "user", g.sizes.users); err != nil {
			return err
		}
		// PostgreSQL, told that there are no rooms, plans for none, and keeps to that.
		return f.rooms(ctx, g.sizes.rooms, func(i int) filledRoom {
			return filledRoom{people: g.fullRoomPeople(i)}
		})
	})
	if err != nil {
		return load{}, err
	}
	r, err := g.openRaw(ctx, db)
	if err != nil {
		return load{}, err
	}
	users, err := r.ids(ctx, rawUserID, g.sizes.users, func(i int) string { return g.xc("user", i) })
	if err != nil {
		return load{}, err
	}
	body, err := sealedLike(bodyCreatedRoom + "Order 1234567")
	if err != nil {
		return load{}, err
	}
	var n atomic.Int64
	return r.load(ctx, g, rawCommits{
		name: "raw group commit", workers: writeConnections,
		what: "INSERT the room, INSERT all participants at once, raise the room's counters, INSERT its message",
		next: func(worker int) func() (int, write) {
			return func() (int, write) {
				i := int(n.Add(1))
				people := make([]int64, 0, g.sizes.inRoom)
				for _, u := range g.inFullRoom(i) {
					people = append(people, users[u])
				}
				return worker, r.createFullRoom(g.xc("full", i), roomName(i), body, people)
			}
		},
	}), nil
}
