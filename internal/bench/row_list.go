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
			if err := g.checkList(ctx, in.t, g.xc(list.kind, 0), list.rooms); err != nil {
				return row, err
			}
			loads = append(loads, g.lists(fmt.Sprintf("%s rooms among %s", thousands(int64(list.rooms)),
				thousands(int64(in.all))),
				"each call lists the rooms of the same user", in.t, list.kind, 1))
		}
	}
	if err := g.checkList(ctx, many, g.xc("owner", 0), s.listShort); err != nil {
		return row, err
	}
	loads = append(loads, g.lists(fmt.Sprintf("%d rooms among %s, other users", s.listShort,
		thousands(int64(s.manyRooms))),
		"each call lists the rooms of another user, so that caches hold little of it; for information", many, "owner",
		s.owners()))
	m, err := g.interleave(ctx, loads...)
	if row.Measurements = m; err != nil {
		return row, err
	}
	for i, rooms := range []int{s.listShort, s.listLong} {
		row.Goals = append(row.Goals, atMost(1.2, "x the time among few rooms",
			fmt.Sprintf("list of %s rooms among %s", thousands(int64(rooms)), thousands(int64(s.manyRooms))),
			timesAsLong(m[2*i+1], m[2*i])))
	}
	return row, nil
}

// owners is how many users share all the rooms among them, so that each has as many as
// the user with the short list.
func (s sizes) owners() int { return s.manyRooms / s.listShort }

// serveLists starts a server on n rooms in which the same two users have their lists.
func (g *rig) serveLists(ctx context.Context, name string, n int) (target, error) {
	owners := g.sizes.owners()
	db, err := g.filled(ctx, name, func(ctx context.Context, f *filler) error {
		for _, users := range []struct {
			kind string
			n    int
		}{{"owner", owners}, {"peer", owners}, {"short", 1}, {"long", 1}} {
			if err := f.users(ctx, users.kind, users.n); err != nil {
				return err
			}
		}
		return f.rooms(ctx, n, func(i int) filledRoom {
			people := []string{g.xc("owner", i%owners), g.xc("peer", i*31%owners)}
			if oneIn(n/g.sizes.listShort, i) {
				people = append(people, g.xc("short", 0))
			}
			if oneIn(n/g.sizes.listLong, i) {
				people = append(people, g.xc("long", 0))
			}
			return filledRoom{people: people, messages: g.sizes.messages}
		})
	})
	if err != nil {
		return target{}, err
	}
	return g.serve(ctx, db)
}

// oneIn picks one of each step numbers that follow each other, in each step another, so
// that a list is spread over the whole database and its rooms have many owners.
func oneIn(step, i int) bool { return i%step == i/step*37%step }

// checkList makes sure that a list is answered whole.
func (g *rig) checkList(ctx context.Context, t target, user string, rooms int) error {
	answer, err := once(ctx, t.call("room/get_list_by_user"), map[string]any{"xcUserID": user})
	if err != nil {
		return err
	}
	var list struct {
		Data struct {
			Rooms []struct{} `json:"rooms"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return err
	}
	if n := len(list.Data.Rooms); n != rooms {
		return fmt.Errorf("a list of %d rooms shows %d", rooms, n)
	}
	return nil
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
