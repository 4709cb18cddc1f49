package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// measureList is one user's list of rooms among few other rooms and among many: its
// cost is to grow with the list, not with the database.
func measureList(ctx context.Context, g *rig) (Row, error) {
	s := g.sizes
	row := Row{Title: fmt.Sprintf("room/get_list_by_user: lists of %d and %s rooms, among %s rooms in all "+
		"and among %s with %s messages, %d connections",
		s.listShort, thousands(int64(s.listLong)), thousands(int64(s.fewRooms)), thousands(int64(s.manyRooms)),
		thousands(int64(s.manyRooms*s.messages)), listConnections)}
	few, err := g.serveLists(ctx, "few", s.fewRooms)
	if err != nil {
		return row, err
	}
	many, err := g.serveLists(ctx, "many", s.manyRooms)
	if err != nil {
		return row, err
	}
	var loads []load
	for _, list := range []struct {
		kind  string
		rooms int
	}{{"short", s.listShort}, {"long", s.listLong}} {
		for _, in := range []struct {
			t   target
			all int
		}{{few, s.fewRooms}, {many, s.manyRooms}} {
			if _, err := g.checkList(ctx, in.t, g.xc(list.kind, 0), list.rooms); err != nil {
				return row, err
			}
			loads = append(loads, g.lists(fmt.Sprintf("%s rooms among %s", thousands(int64(list.rooms)),
				thousands(int64(in.all))),
				"each call lists the rooms of the same user", in.t, list.kind, 1))
		}
	}
	others, err := g.othersLists(ctx, many)
	if err != nil {
		return row, err
	}
	m, err := g.interleave(ctx, append(loads, others...)...)
	if row.Measurements = m; err != nil {
		return row, err
	}
	for i, rooms := range []int{s.listShort, s.listLong} {
		row.Goals = append(row.Goals, atMost(1.1, "x the time among few rooms",
			fmt.Sprintf("list of %s rooms among %s", thousands(int64(rooms)), thousands(int64(s.manyRooms))),
			timesAsLong(m[2*i+1], m[2*i])))
	}
	wanted := byEngine(g, [2]float64{8.5, 14.5}, [2]float64{5.7, 9.7})
	for i, rooms := range []int{s.listShort, s.listLong} {
		row.Goals = append(row.Goals, atLeast(wanted[i], "% of the bare handler",
			fmt.Sprintf("list of %s rooms among %s, other users", thousands(int64(rooms)), thousands(int64(s.manyRooms))),
			percentOf(m[4+2*i], m[5+2*i])))
	}
	return row, nil
}

// othersLists is the lists of one user after the other, so that caches hold little of them,
// each beside a bare handler whose answers have their size.
func (g *rig) othersLists(ctx context.Context, t target) (loads []load, err error) {
	for _, list := range []struct {
		kind         string
		rooms, users int
	}{{"owner", g.sizes.listShort, g.sizes.owners()}, {"keeper", g.sizes.listLong, g.sizes.keepers()}} {
		size, err := g.checkList(ctx, t, g.xc(list.kind, 0), list.rooms)
		if err != nil {
			return nil, err
		}
		bare, err := g.bare(ctx, size)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s rooms among %s, other users", thousands(int64(list.rooms)),
			thousands(int64(g.sizes.manyRooms)))
		loads = append(loads,
			g.lists(name, "each call lists the rooms of another user, so that caches hold little of it", t, list.kind, list.users),
			g.lists(name+": bare net/http handler",
				"a process of its own reads the same requests and writes answers of the same size", bare, list.kind, list.users))
	}
	return loads, nil
}

// owners is how many users share all the rooms among them, so that each has as many as
// the user with the short list.
func (s sizes) owners() int { return s.manyRooms / s.listShort }

// keepers is owners with as many rooms as the user with the long list.
func (s sizes) keepers() int { return s.manyRooms / s.listLong }

// serveLists starts a server on n rooms in which the same two users have their lists.
func (g *rig) serveLists(ctx context.Context, name string, n int) (target, error) {
	db, err := g.filled(ctx, name, func(ctx context.Context, f *filler) error { return g.fillLists(ctx, f, n) })
	if err != nil {
		return target{}, err
	}
	return g.serve(ctx, db)
}

// fillLists makes n rooms and the users whose lists they are on.
func (g *rig) fillLists(ctx context.Context, f *filler, n int) error {
	owners, keepers := g.sizes.owners(), g.sizes.keepers()
	for _, users := range []struct {
		kind string
		n    int
	}{{"owner", owners}, {"keeper", keepers}, {"short", 1}, {"long", 1}} {
		if err := f.users(ctx, users.kind, users.n); err != nil {
			return err
		}
	}
	return f.rooms(ctx, n, func(i int) filledRoom {
		people := []string{g.xc("owner", i%owners), g.xc("keeper", i*31%keepers)}
		if oneIn(n/g.sizes.listShort, i) {
			people = append(people, g.xc("short", 0))
		}
		if oneIn(n/g.sizes.listLong, i) {
			people = append(people, g.xc("long", 0))
		}
		return filledRoom{people: people, messages: g.sizes.messages}
	})
}

// oneIn picks one of each step numbers that follow each other, in each step another, so
// that a list is spread over the whole database and its rooms have many owners.
func oneIn(step, i int) bool { return i%step == i/step*37%step }

// checkList makes sure that a list is answered whole; size is that of the answer, in bytes.
func (g *rig) checkList(ctx context.Context, t target, user string, rooms int) (size int, err error) {
	answer, err := once(ctx, t.call("room/get_list_by_user"), map[string]any{"xcUserID": user})
	if err != nil {
		return 0, err
	}
	var list struct {
		Data struct {
			Rooms []struct{} `json:"rooms"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return 0, err
	}
	if n := len(list.Data.Rooms); n != rooms {
		return 0, fmt.Errorf("a list of %d rooms shows %d", rooms, n)
	}
	return len(answer), nil
}

// lists asks for the lists of users of a kind.
func (g *rig) lists(name, what string, t target, kind string, users int) load {
	start := `{"xcUserID":"` + g.names + "-" + kind + "-"
	return calls(name, what, t.call("room/get_list_by_user"), listConnections,
		func(worker int) func([]byte) []byte {
			next := strides(worker, users)
			return func(b []byte) []byte {
				return append(strconv.AppendInt(append(b, start...), int64(next()), 10), `"}`...)
			}
		})
}
