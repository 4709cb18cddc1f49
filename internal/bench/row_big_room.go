package bench

import (
	"context"
	"fmt"
)

// fewPeople is the size of the room that the big one is compared with. Its participants
// are those who write into both.
const fewPeople = 10

// measureBigRoom is a send into a room that thousands are in, beside one into a small
// room: what a message costs is not to depend on how many may read it.
func measureBigRoom(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("message/send/custom into a room of %s participants and into one of %d, %d connections",
		thousands(int64(g.sizes.crowd)), fewPeople, writeConnections)}
	const bigRoom, smallRoom = 0, 1
	db, err := g.filled(ctx, "data", func(ctx context.Context, f *filler) error {
		if err := f.users(ctx, "user", g.sizes.crowd); err != nil {
			return err
		}
		var few []string
		for i := range fewPeople {
			few = append(few, g.xc("user", i))
		}
		err := f.rooms(ctx, 2, func(int) filledRoom { return filledRoom{people: few} })
		if err != nil {
			return err
		}
		return g.join(ctx, f.t, g.xc("room", bigRoom), usersOf{"user", fewPeople, g.sizes.crowd})
	})
	if err != nil {
		return row, err
	}
	t, err := g.serve(ctx, db)
	if err != nil {
		return row, err
	}
	into := func(room int) func(int) func() int {
		return func(int) func() int { return func() int { return room } }
	}
	m, err := g.interleave(ctx,
		g.sends(fmt.Sprintf("room of %d", fewPeople), t, "user", fewPeople, into(smallRoom)),
		g.sends(fmt.Sprintf("room of %s", thousands(int64(g.sizes.crowd))), t, "user", fewPeople, into(bigRoom)))
	if row.Measurements = m; err != nil {
		return row, err
	}
	row.Goals = []Goal{atMost(1.2, "x the time in the small room",
		fmt.Sprintf("send into a room of %s", thousands(int64(g.sizes.crowd))), timesAsLong(m[1], m[0]))}
	return row, nil
}
