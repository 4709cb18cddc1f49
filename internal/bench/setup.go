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

// postAll makes n calls of a kind over many connections.
func (g *rig) postAll(ctx context.Context, t target, what string, n int, body func(i int) map[string]any) error {
	var begun, answered atomic.Int64
	done := g.show.task(g.row+", set up", func() string {
		return fmt.Sprintf("%s of %s %s", thousands(answered.Load()), thousands(int64(n)), what)
	})
	group, ctx := errgroup.WithContext(ctx)
	for range min(n, setupConnections) {
		group.Go(func() error {
			c, err := dial(ctx, t)
			if err != nil {
				return t.fate(err)
			}
			defer c.close()
			var b []byte
			for i := begun.Add(1) - 1; i < int64(n); i = begun.Add(1) - 1 {
				b = jsonBody(b[:0], body(int(i)))
				if _, err := c.post(b); err != nil {
					return t.fate(err)
				}
				answered.Add(1)
			}
			return nil
		})
	}
	err := group.Wait()
	done("")
	if err != nil {
		return fmt.Errorf("set up %s: %w", what, err)
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
