package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// measureRoomGet is room/get beside a bare handler that reads and writes as many bytes.
func measureRoomGet(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("room/get: %s rooms of %d participants, %d connections",
		thousands(int64(g.sizes.rooms)), g.sizes.inRoom, getConnections)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	subject, size, err := g.readyRoomGets(ctx, t)
	if err != nil {
		return row, err
	}
	loads := []load{subject}
	if g.o.URL == "" {
		bare, err := g.bare(ctx, size)
		if err != nil {
			return row, err
		}
		ceiling := g.roomGets("bare net/http handler", bare)
		ceiling.what = fmt.Sprintf(
			"a process of its own reads the same requests and writes answers of the same size, %s bytes",
			thousands(int64(size)))
		loads = append(loads, ceiling)
	}
	if row.Measurements, err = g.interleave(ctx, loads...); err != nil || len(loads) == 1 {
		return row, err
	}
	row.Goals = []Goal{atLeast(50, "% of the bare handler", fmt.Sprintf("room of %d participants", g.sizes.inRoom),
		percentOf(row.Measurements[0], row.Measurements[1]))}
	return row, nil
}

// readyRoomGets makes the rooms of room-get; size is that of an answer, in bytes.
func (g *rig) readyRoomGets(ctx context.Context, t target) (l load, size int, err error) {
	if err := g.setUpRooms(ctx, t); err != nil {
		return load{}, 0, err
	}
	size, err = g.checkRoom(ctx, t)
	return g.roomGets("parlor", t), size, err
}

// setUpRooms makes the rooms of roomGets.
func (g *rig) setUpRooms(ctx context.Context, t target) error {
	if err := g.putUsers(ctx, t, "user", g.sizes.users); err != nil {
		return err
	}
	return g.putRooms(ctx, t, "room", g.sizes.rooms, func(room int) (people []string) {
		for i := range g.sizes.inRoom {
			people = append(people, g.xc("user", (room*g.sizes.inRoom+i)%g.sizes.users))
		}
		return people
	})
}

// checkRoom makes sure that a room is answered whole and returns the answer's size.
func (g *rig) checkRoom(ctx context.Context, t target) (size int, err error) {
	answer, err := once(ctx, t.call("room/get"), map[string]any{"xcRoomID": g.xc("room", g.sizes.rooms/2)})
	if err != nil {
		return 0, err
	}
	var room struct {
		Data struct {
			Participants []struct{} `json:"participants"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &room); err != nil {
		return 0, err
	}
	if n := len(room.Data.Participants); n != g.sizes.inRoom {
		return 0, fmt.Errorf("a room of %d participants shows %d", g.sizes.inRoom, n)
	}
	return len(answer), nil
}

// roomGets asks for the rooms in no particular order.
func (g *rig) roomGets(name string, t target) load {
	start := `{"xcRoomID":"` + g.names + "-room-"
	return calls(name, "each call gets another room with all its participants", t.call("room/get"), getConnections,
		func(worker int) func([]byte) []byte {
			next := strides(worker, g.sizes.rooms)
			return func(b []byte) []byte {
				return append(strconv.AppendInt(append(b, start...), int64(next()), 10), `"}`...)
			}
		})
}
