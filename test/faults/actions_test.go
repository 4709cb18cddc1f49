package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"parlor/client"
	"parlor/internal/powertalk/cipher"
)

// again is how long a device waits for the echo of what it has sent before it sends it
// once more.
const again = 2 * time.Second

// run does one thing after the other until the crowd leaves, and then again whatever has
// an unknown outcome. At its end the device is connected.
func (d *device) run(ctx context.Context) {
	for d.pace.Wait(ctx) == nil {
		select {
		case <-d.leave:
			d.settle(ctx)
			return
		default:
		}
		conn := d.connected(ctx)
		if conn == nil {
			return
		}
		switch n := d.rng.IntN(100); {
		case n < 45:
			d.send(ctx)
		case n < 55:
			d.edit(ctx)
		case n < 60:
			d.erase(ctx)
		case n < 78:
			d.flag(ctx, readFlag, 1+d.rng.IntN(8))
		case n < 88:
			d.flag(ctx, deliveredFlag, 1+d.rng.IntN(8))
		case n < 92:
			d.flag(ctx, hiddenFlag, 1)
		case n < 96:
			d.doing.Store("hanging up")
			_ = conn.socket.Close()
			<-conn.done
		}
	}
}

// send sends a message, by socket or by HTTP, until it is known to be stored.
func (d *device) send(ctx context.Context) {
	room, ok := d.reserve(d.writable, d.rng)
	if !ok {
		return
	}
	s := &sending{
		localID: cipher.NewLocalID(), room: room, user: d.user, device: d.name, hidden: d.rng.IntN(10) == 0,
		body: fmt.Sprintf("%s says %d", d.name, d.rng.IntN(1000)),
	}
	d.doing.Store("sending " + s.localID)
	over := d.sendOver
	if d.rng.IntN(8) == 0 {
		over = d.sendByHTTP
	}
	for !over(ctx, s) {
		if ctx.Err() != nil {
			return
		}
	}
	d.ack(s)
	d.done.Add(1)
	d.own = append(d.own, s.localID)
}

// sendOver sends a message over a socket and reports whether the echo came.
func (d *device) sendOver(ctx context.Context, s *sending) bool {
	conn := d.connected(ctx)
	if conn == nil {
		return false
	}
	d.try(s, conn.log.name)
	return d.emit(conn, "chat/sendMessage", s.localID, s.body, fields{
		"isHidden": s.hidden, "room": fields{"roomID": s.room},
	}) &&
		d.await(ctx, conn, func() bool { _, ok := d.known[s.localID]; return ok })
}

// sendByHTTP sends a message by a call, and waits until this device knows of it, too.
func (d *device) sendByHTTP(ctx context.Context, s *sending) bool {
	conn := d.connected(ctx)
	if conn == nil {
		return false
	}
	d.try(s, "")
	err := d.call(ctx, d.nodes.any(d.rng), "chat/message/send/custom", fields{
		"localID": s.localID, "messageType": 1001, "body": s.body, "isHidden": s.hidden, "roomID": s.room,
	}, nil)
	if !d.well(err, "send/custom") {
		return false
	}
	d.ack(s)
	// Its id is needed for all else, and comes with the event or with what was missed.
	return d.await(ctx, conn, func() bool { _, ok := d.known[s.localID]; return ok })
}

// emit sends an event about a message and reports whether it could be written.
func (d *device) emit(conn *connection, event, localID, body string, more fields) bool {
	sealed, err := cipher.Seal(body, localID)
	if err != nil {
		d.note("%v", err)
		return false
	}
	data := fields{"localID": localID, "type": 1001, "body": sealed, "data": ""}
	maps.Copy(data, more)
	_ = conn.socket.SetWriteDeadline(time.Now().Add(patience)) // fails only with a write of its own
	return conn.socket.WriteJSON(fields{"eventName": event, "data": data}) == nil
}

// well reports whether a call succeeded. After no answer, or "try again", its outcome is
// unknown.
func (d *device) well(err error, what string) bool {
	if refusal(err) != nil && !isUnavailable(err) || errors.Is(err, client.ErrAnswer) {
		d.note("%s: %s was answered by %v", d.name, what, err)
	}
	return err == nil
}

// edit gives one of the device's own messages another body, and waits until it shows. A
// message whose edit had to be repeated is not edited again: a frame that is still under
// way could bring the older body back.
func (d *device) edit(ctx context.Context) {
	if len(d.own) == 0 {
		return
	}
	i := d.rng.IntN(len(d.own))
	id := d.own[i]
	if d.fixed[id] {
		return
	}
	d.doing.Store("editing " + id)
	body := fmt.Sprintf("%s means %d", d.name, d.rng.Int())
	d.editing(id, body)
	for first := true; ctx.Err() == nil; first = false {
		conn := d.connected(ctx)
		if conn == nil {
			return
		}
		if !first {
			d.fixed[id] = true
		}
		if d.emit(conn, "chat/updateMessage", id, body, nil) &&
			d.await(ctx, conn, func() bool { return d.known[id].Body == body }) {
			break
		}
	}
	if ctx.Err() == nil {
		d.edited(id)
		d.done.Add(1)
	}
}

// erase deletes one of the device's own messages for everyone. What is unknown of it is
// settled at the end.
func (d *device) erase(ctx context.Context) {
	if len(d.own) == 0 {
		return
	}
	i := d.rng.IntN(len(d.own))
	id := d.own[i]
	d.own = slices.Delete(d.own, i, i+1)
	d.doing.Store("deleting " + id)
	d.history.erase(id, unknown)
	path, body := d.deletion(id, true)
	var done deletion
	if err := d.call(ctx, d.nodes.any(d.rng), path, body, &done); d.well(err, "deletion") {
		d.erasedFor(id, done)
		return
	}
	d.doubtful = append(d.doubtful, id)
}

// deletion is the answer to a deletion.
type deletion struct{ DeletedMessageIDs []string }

// erasedFor notes that a message is deleted, if the answer says so.
func (d *device) erasedFor(id string, done deletion) {
	d.mu.Lock()
	want := strconv.FormatInt(d.known[id].MessageID, 10)
	d.mu.Unlock()
	if !slices.Equal(done.DeletedMessageIDs, []string{want}) {
		d.note("%s: the deletion of %s was answered by %v", d.name, want, done.DeletedMessageIDs)
		return
	}
	d.history.erase(id, acked)
	d.done.Add(1)
}

// deletion is the call that deletes a message, for everyone or for oneself.
func (d *device) deletion(id string, everyone bool) (path string, body fields) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := d.known[id]
	return "chat/message/delete", fields{
		"roomID": m.Room.RoomID, "messageIDs": []string{strconv.FormatInt(m.MessageID, 10)}, "forEveryone": everyone,
	}
}
