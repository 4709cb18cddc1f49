package sdkmodel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// The events that bring message objects.
const (
	sendMessage   = "chat/sendMessage"
	updateMessage = "chat/updateMessage"
)

// socket is one connection of a device.
type socket struct {
	url  string // of its node
	name string
	conn *websocket.Conn
	tcp  *net.TCPConn
	done chan struct{} // closed when nothing is read any more

	asked bool // the device has asked over it what it missed; of the driver alone

	sending sync.Mutex // one frame at a time

	mu     sync.Mutex
	deaf   bool
	binary bool // the SDK sends binary frames
	arrivals
}

// dial opens a socket as SDKs do.
func dial(ctx context.Context, url string, h http.Header) (*socket, error) {
	s := &socket{url: url, done: make(chan struct{}), arrivals: newArrivals()}
	d := websocket.Dialer{
		HandshakeTimeout: patience,
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err == nil {
				s.tcp = c.(*net.TCPConn)
			}
			return c, err
		},
	}
	conn, resp, err := d.DialContext(ctx, "ws"+url[len("http"):]+"/connect", h)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	s.conn = conn
	conn.SetPingHandler(func(text string) error {
		if s.isDeaf() {
			return nil
		}
		_ = conn.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(patience))
		return nil // what is broken shows by reading
	})
	return s, nil
}

// listen hands each event to hear until the socket ends, or hears nothing any more.
func (s *socket) listen(hear func(event string, m message)) {
	defer close(s.done)
	for {
		kind, frame, err := s.conn.ReadMessage()
		if err != nil || s.isDeaf() {
			return
		}
		if kind != websocket.BinaryMessage {
			s.fault("a text frame came: %.200s", frame)
		}
		for line := range bytes.SplitSeq(frame, []byte("\n")) {
			var e struct {
				EventName string
				Data      json.RawMessage
			}
			var m message
			err := json.Unmarshal(line, &e)
			if err == nil && (e.EventName == sendMessage || e.EventName == updateMessage) {
				if err = json.Unmarshal(e.Data, &m); err == nil {
					hear(e.EventName, m)
				}
			}
			if err != nil {
				s.fault("a frame came that is none: %v: %.200s", err, line)
			}
		}
	}
}

func (s *socket) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, finding{text: fmt.Sprintf(format, args...)})
}

func (s *socket) isDeaf() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deaf
}

func (s *socket) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// send writes an event.
func (s *socket) send(event string, data any) error {
	b, err := json.Marshal(map[string]any{"eventName": event, "data": data})
	if err != nil {
		return err
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	kind := websocket.TextMessage
	if s.binary {
		kind = websocket.BinaryMessage
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(patience)) // fails only with a write of its own
	return s.conn.WriteMessage(kind, b)
}

// The ways in which a socket ends.
type parting int

const (
	closing   parting = iota // with a close frame
	breaking                 // by a reset
	silencing                // not at all: it reads nothing and answers no ping
)

func (p parting) String() string { return [...]string{"closes", "breaks", "falls silent"}[p] }

// end ends the socket in one of the ways. Afterwards nothing comes over it any more.
func (s *socket) end(how parting) {
	switch how {
	case closing:
		text := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = s.conn.WriteControl(websocket.CloseMessage, text, time.Now().Add(patience)) // it may have ended
		select {
		case <-s.done: // the server has closed it, too
		case <-time.After(patience):
		}
		_ = s.conn.Close()
	case breaking:
		_ = s.tcp.SetLinger(0)
		_ = s.tcp.Close()
	case silencing:
		s.mu.Lock()
		s.deaf = true
		s.mu.Unlock()
		return
	}
	<-s.done
}

// drop frees what a silent socket holds.
func (s *socket) drop() {
	_ = s.conn.Close()
	<-s.done
}
