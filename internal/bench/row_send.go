package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// bodyBytes is the length of a message's plain text.
const bodyBytes = 300

func plainBody() string { return strings.Repeat("chat text ", bodyBytes/10) }

// measureSend is message/send/custom beside the raw group commit of the same rows.
func measureSend(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("durable message/send/custom: %d bytes, %d senders in %d rooms, %d connections",
		bodyBytes, g.sizes.senders, g.sizes.sendRooms, writeConnections)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	subject, err := g.readySends(ctx, t)
	if err != nil {
		return row, err
	}
	if g.o.URL != "" {
		row.Measurements, err = g.interleave(ctx, subject)
		if err == nil {
			row.Goals = []Goal{g.durableSends().promptly("message/send/custom", row.Measurements[0])}
		}
		return row, err
	}
	raw, err := g.rawSends(ctx)
	if err != nil {
		return row, err
	}
	if row.Measurements, err = g.interleave(ctx, subject, raw, g.probe()); err == nil {
		row.Goals = g.durableSends().goals("message/send/custom", row.Measurements[0], row.Measurements[1])
	}
	return row, err
}

// durableSends is what is wanted of messages.
func (g *rig) durableSends() durable {
	return byEngine(g, durable{share: 80, p99: 15}, durable{share: 60, p99: 20})
}

// readySends makes the rooms and the senders of send, everybody in every room.
func (g *rig) readySends(ctx context.Context, t target) (load, error) {
	if err := g.putUsers(ctx, t, "sender", g.sizes.senders); err != nil {
		return load{}, err
	}
	var everybody []string
	for i := range g.sizes.senders {
		everybody = append(everybody, g.xc("sender", i))
	}
	if err := g.putRooms(ctx, t, "room", g.sizes.sendRooms, func(int) []string { return everybody }); err != nil {
		return load{}, err
	}
	return g.sends("parlor", t, "sender", g.sizes.senders, func(worker int) func() int {
		return strides(worker, g.sizes.sendRooms)
	}), nil
}

// sends lets each connection send for one of the users, to the rooms that room names.
func (g *rig) sends(name string, t target, kind string, senders int, rooms func(worker int) func() int) load {
	body := plainBody()
	return calls(name, "each call stores one message", t.call("message/send/custom"), writeConnections,
		func(worker int) func([]byte) []byte {
			next := rooms(worker)
			start := `{"messageType":1001,"body":"` + body + `","senderXCUserID":"` + g.xc(kind, worker%senders) +
				`","xcRoomID":"` + g.names + "-room-"
			return func(b []byte) []byte {
				return append(strconv.AppendInt(append(b, start...), int64(next()), 10), `"}`...)
			}
		})
}

// rawSends is the ceiling of sends.
func (g *rig) rawSends(ctx context.Context) (load, error) {
	var people []string
	for i := range g.sizes.senders {
		people = append(people, g.xc("sender", i))
	}
	db, err := g.filled(ctx, "raw", func(ctx context.Context, f *filler) error {
		if err := f.users(ctx, "sender", len(people)); err != nil {
			return err
		}
		return f.rooms(ctx, g.sizes.sendRooms, func(int) filledRoom { return filledRoom{people: people} })
	})
	if err != nil {
		return load{}, err
	}
	r, err := g.openRaw(ctx, db)
	if err != nil {
		return load{}, err
	}
	senders, err := r.ids(ctx, rawUserID, len(people), func(i int) string { return people[i] })
	if err != nil {
		return load{}, err
	}
	rooms, err := r.ids(ctx, rawRoomID, g.sizes.sendRooms, func(i int) string { return g.xc("room", i) })
	if err != nil {
		return load{}, err
	}
	body, err := sealedLike(plainBody())
	if err != nil {
		return load{}, err
	}
	return r.load(ctx, g, rawCommits{
		name: "raw group commit", what: "raise the room's counters, INSERT the message, raise the sender's counter",
		workers: writeConnections,
		next: func(worker int) func() (int, write) {
			next, sender := strides(worker, len(rooms)), senders[worker%len(senders)]
			return func() (int, write) {
				room := next()
				return room, r.sendMessage(rooms[room], sender, body)
			}
		},
	}), nil
}
