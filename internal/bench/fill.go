package bench

import (
	"context"
	"fmt"
	"strconv"
)

// fillConnections is how many calls are under way at once while a database is filled. The
// more writes share a commit, the cheaper each of them is.
const fillConnections = 128

// filler fills a database through the server that runs on it, as a customer's backend
// does, over many connections.
type filler struct {
	rig  *rig
	t    target
	name string // of the database
}

// work is n pieces of filling.
func (f *filler) work(what string, n int) work {
	return work{label: "fill " + f.name, what: what, n: n, connections: fillConnections}
}

// users makes n users.
func (f *filler) users(ctx context.Context, kind string, n int) error {
	return f.rig.callAll(ctx, f.t.call("user/update"), f.work("users", n), func(c *conn, i int) error {
		_, err := c.post(jsonBody(nil, map[string]any{
			"xcUserID": f.rig.xc(kind, i), "fullName": userName(i), "email": userEmail(i),
		}))
		return err
	})
}

// filledRoom is a room to be made.
type filledRoom struct {
	people   []string // the first two of them write the messages, in turn
	messages int      // with the first, which tells how the room came about
}

// rooms makes n rooms with their messages.
func (f *filler) rooms(ctx context.Context, n int, room func(i int) filledRoom) error {
	create, send := f.t.call("room/create_or_update"), f.t.call("message/send/custom")
	return f.rig.callAll(ctx, create, f.work("rooms", n), func(c *conn, i int) error {
		want := room(i)
		c.call(create)
		if _, err := f.rig.putRoom(c, "room", i, want.people); err != nil {
			return err
		}
		c.call(send)
		for m := 1; m < want.messages; m++ {
			_, err := c.post(jsonBody(nil, map[string]any{
				"messageType": 1001, "body": "Message " + strconv.Itoa(m) + ": the parcel is on its way and comes tomorrow",
				"senderXCUserID": want.people[m%min(2, len(want.people))], "xcRoomID": f.rig.xc("room", i),
			}))
			if err != nil {
				return fmt.Errorf("message %d of room %d: %w", m, i, err)
			}
		}
		return nil
	})
}

// joinAtOnce is how many people one call puts into a room. Its answer shows everybody who
// is there, so that few large calls are much cheaper than many small ones.
const joinAtOnce = 10_000

// usersOf is the users of a kind, from first to last-1.
type usersOf struct {
	kind        string
	first, last int
}

// join puts users into a room that there is.
func (g *rig) join(ctx context.Context, t target, room string, users usersOf) error {
	first, last := users.first, users.last
	calls := (last - first + joinAtOnce - 1) / joinAtOnce
	// One connection, since the calls would only wait for each other.
	groups := work{label: "set up", what: "groups of participants", n: calls, connections: 1}
	return g.callAll(ctx, t.call("room/participants/add"), groups, func(c *conn, i int) error {
		var people []string
		for n := first + i*joinAtOnce; n < min(first+(i+1)*joinAtOnce, last); n++ {
			people = append(people, g.xc(users.kind, n))
		}
		_, err := c.post(jsonBody(nil, map[string]any{"xcRoomID": room, "participantXCUserIDs": people}))
		return err
	})
}
