package bench

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// roomPeople is how many senders are in each room of socket-send, all of them connected.
const roomPeople = 4

// measureSocketSend is messages over sockets, each until its echo, beside the raw group
// commit of the same rows.
func measureSocketSend(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("durable chat/sendMessage over sockets: %d bytes, %d senders, %d rooms of %d",
		bodyBytes, g.sizes.senders, g.sizes.sendRooms, roomPeople)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	subject, err := g.readySocketSends(ctx, t)
	if err != nil {
		return row, err
	}
	raw, err := g.rawSends(ctx)
	if err != nil {
		return row, err
	}
	if row.Measurements, err = g.interleave(ctx, subject, raw, g.probe()); err == nil {
		row.Goals = g.durableSends().goals("chat/sendMessage", row.Measurements[0], row.Measurements[1])
	}
	return row, err
}

// readySocketSends makes the rooms and the senders of socket-send.
func (g *rig) readySocketSends(ctx context.Context, t target) (load, error) {
	devices, err := g.signIn(ctx, t, "sender", g.sizes.senders)
	if err != nil {
		return load{}, err
	}
	own := make([][]string, g.sizes.senders) // rooms of each sender
	rooms, err := g.roomsOfDevices(ctx, t, "room", g.sizes.sendRooms, func(room int) (people []string) {
		for _, sender := range g.inRoom(room) {
			people = append(people, g.xc("sender", sender))
		}
		return people
	})
	if err != nil {
		return load{}, err
	}
	for i, room := range rooms {
		for _, sender := range g.inRoom(i) {
			own[sender] = append(own[sender], room)
		}
	}
	return socketSends("parlor", t, devices, own), nil
}

// inRoom spreads the senders evenly.
func (g *rig) inRoom(room int) (senders []int) {
	for i := range roomPeople {
		senders = append(senders, (room*roomPeople+i)%g.sizes.senders)
	}
	return senders
}

// socketSends lets each device send to its own rooms in turn.
func socketSends(name string, t target, devices []device, rooms [][]string) load {
	body := plainBody()
	return load{
		name: name, workers: len(devices), cpu: t.cpu,
		what: "each message is stored; the sender waits for the echo with its localID, " +
			"and reads what comes for the rooms meanwhile",
		open: func(ctx context.Context, worker int) (func() error, func(), error) {
			s, err := dialSocket(ctx, t, bearer(devices[worker].access))
			if err != nil {
				return nil, nil, t.fate(err)
			}
			next := 0
			do := func() error {
				next++
				localID, frame, err := message(rooms[worker][next%len(rooms[worker])], body)
				if err == nil {
					err = s.sendAndWait(localID, frame)
				}
				if err != nil {
					return t.fate(fmt.Errorf("message %d of sender %d: %w", next, worker, err))
				}
				return nil
			}
			return do, s.close, nil
		},
	}
}

// sendAndWait sends a message and returns when it has come back.
func (s *socket) sendAndWait(localID string, message []byte) error {
	if err := s.tcp.SetDeadline(time.Now().Add(callTimeout)); err != nil {
		return err
	}
	if err := s.write(textFrame, message); err != nil {
		return err
	}
	for {
		frame, err := s.read()
		if err != nil || bytes.Contains(frame, []byte(localID)) {
			return err
		}
	}
}
