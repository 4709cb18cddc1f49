package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gorilla/websocket"
)

// line is one socket of a device.
type line struct {
	url    string
	socket *websocket.Conn
	done   chan struct{} // closed when it has ended
	log    socketLog     // under the device's lock
}

// connected returns an open socket, a new one if it must, and asks for what was missed
// over its node. It returns nil at the end of ctx.
func (d *device) connected(ctx context.Context) *line {
	for {
		if d.line != nil && !d.line.ended() {
			return d.line
		}
		d.doing.Store("connecting")
		if d.line = nil; !d.wait(ctx) {
			return nil
		}
		l := d.dial(ctx, d.nodes.any(d.rng))
		if l == nil {
			d.pause(ctx)
			continue
		}
		d.doing.Store("catching up")
		if d.catchUp(ctx, l) {
			d.line = l
		} else {
			_ = l.socket.Close() // it is over already, or no use
		}
	}
}

func (d *device) dial(ctx context.Context, url string) *line {
	if url == "" {
		return nil
	}
	socket, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http")+"/connect",
		d.headers())
	if err != nil {
		return nil // the node is down, or has no database
	}
	_ = resp.Body.Close()
	l := &line{url: url, socket: socket, done: make(chan struct{})}
	opened := d.now()
	d.mu.Lock()
	l.log = socketLog{name: fmt.Sprintf("%s#%d", d.name, len(d.lines)), opened: opened, came: map[string][]string{}}
	d.lines = append(d.lines, l)
	d.mu.Unlock()
	d.enter("%s is open to %s", l.log.name, url)
	go d.listen(l) // ends with the socket
	return l
}

func (l *line) ended() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// hangUp ends the device's sockets.
func (d *device) hangUp() {
	d.mu.Lock()
	lines := d.lines
	d.mu.Unlock()
	for _, l := range lines {
		_ = l.socket.Close()
		<-l.done
	}
}

// catchUp asks for what is new since the device was connected last. False means that the
// socket has ended meanwhile, so that it is to be done again.
func (d *device) catchUp(ctx context.Context, l *line) bool {
	for !l.ended() && ctx.Err() == nil {
		asked := d.now()
		a, err := d.post(ctx, l.url, "chat/message/new_and_updated", fields{})
		if d.well(a, err, "catching up") {
			d.take(a, asked)
			return true
		}
		d.enter("catching up failed: %v %d %s", err, a.Status, a.Error.Message)
		d.pause(ctx)
	}
	return false
}

// take learns the messages of an answer to what was asked at a time.
func (d *device) take(a answer, asked int64) {
	var page struct{ Messages []message }
	if err := json.Unmarshal(a.Data, &page); err != nil {
		d.note("%s: %v in %.300s", d.name, err, a.Data)
	}
	d.enter("was handed out %d messages", len(page.Messages))
	for _, m := range page.Messages {
		d.learn(m, false, asked)
		d.mu.Lock()
		if d.handed == nil {
			d.handed = map[string]bool{}
		}
		d.handed[m.LocalID] = true
		d.mu.Unlock()
	}
}

// listen takes what comes over a socket until it ends.
func (d *device) listen(l *line) {
	defer close(l.done)
	for {
		_, frame, err := l.socket.ReadMessage()
		if err != nil {
			d.mu.Lock()
			l.log.closed = true
			d.mu.Unlock()
			d.enter("%s has ended: %v", l.log.name, err)
			return
		}
		var e struct {
			EventName string
			Data      json.RawMessage
		}
		var m message
		var s status
		err = json.Unmarshal(frame, &e)
		if err == nil && e.EventName == "user/status" {
			err = json.Unmarshal(e.Data, &s)
		}
		if err == nil && (e.EventName == "chat/sendMessage" || e.EventName == "chat/updateMessage") {
			err = json.Unmarshal(e.Data, &m)
		}
		switch {
		case err != nil:
			d.note("%s got a frame that is none: %v: %.300s", d.name, err, frame)
		case s.User.XCUserID != "" && d.statuses != nil:
			d.statuses <- s
		case m.LocalID != "":
			if e.EventName == "chat/sendMessage" {
				d.mu.Lock()
				l.log.came[m.Room.RoomID] = append(l.log.came[m.Room.RoomID], m.LocalID)
				d.mu.Unlock()
			}
			d.learn(m, e.EventName == "chat/updateMessage", 0)
		}
	}
}
