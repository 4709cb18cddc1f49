package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Made-up people and rooms, of the sizes that real ones have.
func userName(i int) string  { return "Customer Number " + strconv.Itoa(i) }
func userEmail(i int) string { return "customer-" + strconv.Itoa(i) + "@example.com" }
func userPhoto(i int) string {
	return "https://cdn.example.com/people/" + strconv.Itoa(i) + "/photo.jpg"
}
func roomName(i int) string { return "Order " + strconv.Itoa(i) }

// jsonBody appends a JSON object. What it is given is marshalled every time, which is
// for setting up, not for measuring.
func jsonBody(b []byte, v map[string]any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, numbers and lists of them always marshal
	}
	return append(b, text...)
}

// work is n pieces of work, done by several workers at once.
type work struct {
	label       string // of the progress, such as "set up"
	what        string // the pieces are
	n           int
	connections int // at most
}

// setUpWork is what a row begins with.
func setUpWork(what string, n int) work {
	return work{label: "set up", what: what, n: n, connections: setupConnections}
}

// postAll makes n calls of a kind over many connections.
func (g *rig) postAll(ctx context.Context, t target, what string, n int, body func(i int) map[string]any) error {
	return g.callAll(ctx, t, setUpWork(what, n), func(c *conn, i int) error {
		_, err := c.post(jsonBody(nil, body(i)))
		return err
	})
}

// callAll calls one for each piece of w, each time with one of its connections.
func (g *rig) callAll(ctx context.Context, t target, w work, one func(c *conn, i int) error) error {
	return g.share(ctx, w, func(ctx context.Context, next func() (i int, more bool)) error {
		c, err := dial(ctx, t)
		if err != nil {
			return t.fate(err)
		}
		defer c.close()
		for i, more := next(); more; i, more = next() {
			if err := one(c, i); err != nil {
				return t.fate(err)
			}
		}
		return nil
	})
}

// share lets several workers do what 0 to w.n-1 stand for, and shows how far they are.
// next names the piece to be done when the last has been.
func (g *rig) share(
	ctx context.Context, w work, worker func(ctx context.Context, next func() (i int, more bool)) error,
) error {
	var begun atomic.Int64
	done := g.show.task(g.row+", "+w.label, func() string {
		return fmt.Sprintf("%s of %s %s", thousands(min(begun.Load(), int64(w.n))), thousands(int64(w.n)), w.what)
	})
	group, ctx := errgroup.WithContext(ctx)
	for range min(w.n, w.connections) {
		group.Go(func() error { // ends with the work, or with the first failure
			return worker(ctx, func() (int, bool) {
				i := int(begun.Add(1)) - 1
				return i, i < w.n
			})
		})
	}
	err := group.Wait()
	done("")
	if err != nil {
		return fmt.Errorf("%s %s: %w", w.label, w.what, err)
	}
	return nil
}

// putUsers makes the users that rooms are filled with.
func (g *rig) putUsers(ctx context.Context, t target, kind string, n int) error {
	return g.postAll(ctx, t.call("user/update"), "users", n, func(i int) map[string]any {
		return map[string]any{
			"xcUserID": g.xc(kind, i), "fullName": userName(i), "email": userEmail(i),
			"photoThumbnailURL": userPhoto(i), "photoFullsizeURL": userPhoto(i),
		}
	})
}

// putRooms makes rooms, each with its people.
func (g *rig) putRooms(ctx context.Context, t target, kind string, n int, people func(room int) []string) error {
	return g.postAll(ctx, t.call("room/create_or_update"), "rooms", n, func(i int) map[string]any {
		return map[string]any{
			"xcRoomID": g.xc(kind, i), "type": 2, "name": roomName(i), "participantXCUserIDs": people(i),
		}
	})
}

// once makes one call and returns its answer.
func once(ctx context.Context, t target, body map[string]any) ([]byte, error) {
	c, err := dial(ctx, t)
	if err != nil {
		return nil, t.fate(err)
	}
	defer c.close()
	answer, err := c.post(jsonBody(nil, body))
	if err != nil {
		return nil, t.fate(err)
	}
	return answer, nil
}

// strides walks 0 to n-1 in an order in which neighbours do not follow each other,
// from another place for each worker. n may be anything up to a billion.
func strides(worker, n int) func() int {
	at := worker * 7919 % n
	step := 7919 // a prime, so that every place is reached unless n is a multiple of it
	return func() int {
		at = (at + step) % n
		return at
	}
}
