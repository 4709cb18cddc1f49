package faults

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// connection is one socket of a device. It is no client.Stream, and neither are its frames, though all calls are
// the Go client's: a Stream shows each message once, in order, and sends again by itself. What a server
// puts on the wire, how often and by which socket, is what the crowd's checks look at.
type connection struct {
	url    string
	socket *websocket.Conn
	done   chan struct{} // closed when it has ended
	log    socketLog     // under the device's lock
}

// connected returns an open socket, a new one if it must, and asks for what was missed
// over its node. It returns nil at the end of ctx.
func (d *device) connected(ctx context.Context) *connection {
	for {
		if d.conn != nil && !d.conn.ended() {
			return d.conn
		}
		d.doing.Store("connecting")
		if d.conn = nil; !d.wait(ctx) {
			return nil
		}
		conn := d.dial(ctx, d.nodes.any(d.rng))
		if conn == nil {
			d.pause(ctx)
			continue
		}
		d.doing.Store("catching up")
		if d.catchUp(ctx, conn) {
			d.conn = conn
		} else {
			_ = conn.socket.Close() // it is over already, or no use
		}
	}
}

func (d *device) dial(ctx context.Context, url string) *connection {
	if url == "" {
		return nil
	}
	socket, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http")+"/connect",
		http.Header{
			"App-Key":           {base64.StdEncoding.EncodeToString([]byte(appKey))},
			"Authorization":     {"Bearer " + d.tokens.Access},
			"Device-Identifier": {d.options().ID},
		})
	if err != nil {
		return nil // the node is down, or has no database
	}
	_ = resp.Body.Close()
	conn := &connection{url: url, socket: socket, done: make(chan struct{})}
	opened := d.now()
	d.mu.Lock()
	conn.log = socketLog{
		name: fmt.Sprintf("%s#%d", d.name, len(d.conns)), opened: opened, came: map[string][]string{},
		again: map[string]bool{},
	}
	d.conns = append(d.conns, conn)
	d.mu.Unlock()
	d.logf("%s is open to %s", conn.log.name, url)
	go d.listen(conn) // ends with the socket
	return conn
}

func (conn *connection) ended() bool {
	select {
	case <-conn.done:
		return true
	default:
		return false
	}
}

// hangUp ends the device's sockets.
func (d *device) hangUp() {
	d.mu.Lock()
	conns := d.conns
	d.mu.Unlock()
	for _, conn := range conns {
		_ = conn.socket.Close()
		<-conn.done
	}
}

// catchUp asks for what is new since the device was connected last. False means that the
// socket has ended meanwhile, so that it is to be done again.
func (d *device) catchUp(ctx context.Context, conn *connection) bool {
	for !conn.ended() && ctx.Err() == nil {
		asked := d.now()
		var page struct{ Messages []message }
		err := d.call(ctx, conn.url, "chat/message/new_and_updated", nil, &page)
		if d.well(err, "catching up") {
			d.take(page.Messages, asked)
			return true
		}
		d.logf("catching up failed: %v", err)
		d.pause(ctx)
	}
	return false
}

// take learns the messages of an answer to what was asked at a time.
func (d *device) take(messages []message, asked int64) {
	d.logf("fetched %d messages", len(messages))
	for _, m := range messages {
		d.learn(m, false, asked)
		d.mu.Lock()
		if d.fetched == nil {
			d.fetched = map[string]bool{}
		}
		d.fetched[m.LocalID] = true
		d.mu.Unlock()
	}
}

// listen takes what comes over a socket until it ends.
func (d *device) listen(conn *connection) {
	defer close(conn.done)
	for {
		_, frame, err := conn.socket.ReadMessage()
		if err != nil {
			d.mu.Lock()
			conn.log.closed = true
			d.mu.Unlock()
			d.logf("%s has ended: %v", conn.log.name, err)
			return
		}
		for event := range bytes.SplitSeq(frame, []byte{'\n'}) {
			d.hear(conn, event)
		}
	}
}

// hear takes an event that has come over a socket.
func (d *device) hear(conn *connection, event []byte) {
	var e struct {
		EventName string
		Data      json.RawMessage
	}
	var m message
	var s status
	err := json.Unmarshal(event, &e)
	if err == nil && e.EventName == "user/status" {
		err = json.Unmarshal(e.Data, &s)
	}
	if err == nil && (e.EventName == "chat/sendMessage" || e.EventName == "chat/updateMessage") {
		err = json.Unmarshal(e.Data, &m)
	}
	switch {
	case err != nil:
		d.note("%s got an event that is none: %v: %.300s", d.name, err, event)
	case s.User.XCUserID != "" && d.statuses != nil:
		d.statuses <- s
	case m.LocalID != "":
		if e.EventName == "chat/sendMessage" {
			d.mu.Lock()
			conn.log.came[m.Room.RoomID] = append(conn.log.came[m.Room.RoomID], m.LocalID)
			if d.fetched[m.LocalID] {
				conn.log.again[m.LocalID] = true
			}
			d.mu.Unlock()
		}
		d.learn(m, e.EventName == "chat/updateMessage", 0)
	}
}
