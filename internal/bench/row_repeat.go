package bench

import (
	"context"
	"fmt"
	"strconv"
)

// measureRepeat is calls that are made again under their Idempotency-Key, beside reads and sends.
func measureRepeat(ctx context.Context, g *rig) (Row, error) {
	n := g.sizes.rooms
	row := Row{Title: fmt.Sprintf("repeats: message/send/custom again under each of %s Idempotency-Keys, beside room/get",
		thousands(int64(n)))}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	reads, _, err := g.readyRoomGets(ctx, t)
	if err != nil {
		return row, err
	}
	reads.name = "room/get"
	sends, err := g.readyKeyedSends(ctx, t, n)
	if err != nil {
		return row, err
	}
	row.Measurements, err = g.interleave(ctx, sends, reads)
	if err == nil {
		row.Goals = []Goal{atLeast(50, "% of the rate of room/get", "repeats", percentOf(row.Measurements[0], row.Measurements[1]))}
	}
	return row, err
}

// readyKeyedSends sends n messages under keys of their own. The load sends them again.
func (g *rig) readyKeyedSends(ctx context.Context, t target, n int) (load, error) {
	send := t.call("message/send/custom")
	again := func(c *conn, i int) error {
		c.address(send.path, "Server-Key: "+t.key+"\r\nIdempotency-Key: \""+g.run+"-"+strconv.Itoa(i)+`"`)
		_, err := c.post(jsonBody(nil, map[string]any{
			"messageType": 1001, "body": plainBody(),
			"senderXCUserID": g.xc("user", i*g.sizes.inRoom%g.sizes.users), "xcRoomID": g.xc("room", i),
		}))
		return err
	}
	if err := g.callAll(ctx, send, setUpWork("messages", n), again); err != nil {
		return load{}, err
	}
	return load{
		name: "repeats", what: "each call was made before, and is answered what it was answered then",
		workers: getConnections, cpu: t.cpu,
		open: func(ctx context.Context, worker int) (func() error, func(), error) {
			c, err := dial(ctx, send)
			if err != nil {
				return nil, nil, t.fate(err)
			}
			next := strides(worker, n)
			do := func() error {
				if err := again(c, next()); err != nil {
					return t.fate(err)
				}
				return nil
			}
			return do, c.close, nil
		},
	}, nil
}
