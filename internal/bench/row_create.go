package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
)

// measureCreate is room/create_or_update, of new rooms and of existing ones, beside the
// raw group commit of the same rows.
func measureCreate(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("durable room/create_or_update: new rooms, and new names for %s rooms, %d connections",
		thousands(int64(g.sizes.rooms)), writeConnections)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	if err := g.putRooms(ctx, t, "room", g.sizes.rooms, func(int) []string { return nil }); err != nil {
		return row, err
	}
	loads := []load{g.newRooms(t), g.newNames(t)}
	if g.o.URL == "" {
		rawRooms, rawNames, err := g.rawRooms(ctx)
		if err != nil {
			return row, err
		}
		loads = []load{loads[0], rawRooms, loads[1], rawNames, g.probe()}
	}
	m, err := g.interleave(ctx, loads...)
	if row.Measurements = m; err != nil {
		return row, err
	}
	if g.o.URL == "" {
		row.Goals = append(roomChanges.goals("new rooms", m[0], m[1]), roomChanges.goals("new names for rooms", m[2], m[3])...)
		return row, nil
	}
	row.Goals = []Goal{roomChanges.promptly("new rooms", m[0]), roomChanges.promptly("new names for rooms", m[1])}
	return row, nil
}

// roomChanges is what is wanted of them on both engines.
var roomChanges = durable{share: 50, p99: 25}

func (g *rig) newRooms(t target) load {
	var made atomic.Int64
	start := `{"type":2,"xcRoomID":"` + g.names + "-new-"
	return calls("parlor, new rooms", "each call makes a room without participants", t.call("room/create_or_update"),
		writeConnections,
		func(int) func([]byte) []byte {
			return func(b []byte) []byte {
				n := made.Add(1)
				b = strconv.AppendInt(append(b, start...), n, 10)
				b = strconv.AppendInt(append(b, `","name":"Order `...), n, 10)
				return append(b, `"}`...)
			}
		})
}

func (g *rig) newNames(t target) load {
	var given atomic.Int64
	start := `{"type":2,"xcRoomID":"` + g.names + "-room-"
	return calls("parlor, new names", "each call gives another room a new name, of which a message tells",
		t.call("room/create_or_update"), writeConnections,
		func(worker int) func([]byte) []byte {
			next := strides(worker, g.sizes.rooms)
			return func(b []byte) []byte {
				b = strconv.AppendInt(append(b, start...), int64(next()), 10)
				b = strconv.AppendInt(append(b, `","name":"Order, change `...), given.Add(1), 10)
				return append(b, `"}`...)
			}
		})
}

// rawRooms is the ceilings of newRooms and newNames, each on a database of its own.
func (g *rig) rawRooms(ctx context.Context) (made, named load, err error) {
	if made, err = g.rawNewRooms(ctx); err != nil {
		return made, named, err
	}
	named, err = g.rawNewNames(ctx)
	return made, named, err
}

func (g *rig) rawNewRooms(ctx context.Context) (load, error) {
	// Parlor has as many rooms to begin with. PostgreSQL, told that there are none, plans for none.
	db, err := g.filled(ctx, "raw-new", func(ctx context.Context, f *filler) error {
		return f.rooms(ctx, g.sizes.rooms, func(int) filledRoom { return filledRoom{} })
	})
	if err != nil {
		return load{}, err
	}
	r, err := g.openRaw(ctx, db)
	if err != nil {
		return load{}, err
	}
	body, err := sealedLike(bodyCreatedRoom + "Order 1234567")
	if err != nil {
		return load{}, err
	}
	var n atomic.Int64
	return r.load(ctx, g, rawCommits{
		name: "raw group commit, new rooms", what: "INSERT the room, raise its counters, INSERT its message",
		workers: writeConnections,
		next: func(worker int) func() (int, write) {
			return func() (int, write) {
				i := int(n.Add(1))
				return worker, r.createRoom(g.xc("new", i), roomName(i), body)
			}
		},
	}), nil
}

func (g *rig) rawNewNames(ctx context.Context) (load, error) {
	db, err := g.filled(ctx, "raw-names", func(ctx context.Context, f *filler) error {
		return f.rooms(ctx, g.sizes.rooms, func(int) filledRoom { return filledRoom{} })
	})
	if err != nil {
		return load{}, err
	}
	r, err := g.openRaw(ctx, db)
	if err != nil {
		return load{}, err
	}
	rooms, err := r.ids(ctx, rawRoomID, g.sizes.rooms, func(i int) string { return g.xc("room", i) })
	if err != nil {
		return load{}, err
	}
	body, err := sealedLike(bodyUpdatedRoom)
	if err != nil {
		return load{}, err
	}
	var n atomic.Int64
	return r.load(ctx, g, rawCommits{
		name: "raw group commit, new names", what: "UPDATE the room, raise its counters, INSERT the message",
		workers: writeConnections,
		next: func(worker int) func() (int, write) {
			next := strides(worker, len(rooms))
			return func() (int, write) {
				room := next()
				return room, r.renameRoom(rooms[room], roomName(int(n.Add(1))), body)
			}
		},
	}), nil
}
