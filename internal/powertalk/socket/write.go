package socket

import (
	"time"

	"github.com/gorilla/websocket"

	"parlor/internal/hub"
)

const (
	// writeTimeout is how long one event may take to go, or a ping; events that go together have
	// as much time as they would have one after the other, and at most slowestWrite.
	writeTimeout = 10 * time.Second
	slowestWrite = time.Minute
	// maxJoined bounds the frames of several events that are being written: each has a buffer,
	// and devices that do not read are not to occupy the memory. The others' go one by one.
	maxJoined = 256
)

// WriteFrames sends events as one binary message; SDKs read no other.
func (c *conn) WriteFrames(frames []*hub.Frame) error {
	socket := c.ready()
	if socket == nil {
		return errNoSocket
	}
	for _, f := range frames {
		if len(f.Shown) > 0 {
			c.confirmSoon()
			break
		}
	}
	if len(frames) > 1 {
		select {
		case c.handler.joined <- struct{}{}:
			defer func() { <-c.handler.joined }()
			return writeJoined(socket, frames)
		default:
		}
	}
	for _, f := range frames {
		if err := writeAlone(socket, f); err != nil {
			return err
		}
	}
	return nil
}

// writeAlone sends an event by itself, in the form that is made once for all sockets.
func writeAlone(socket *websocket.Conn, f *hub.Frame) error {
	prepared, ok := f.Prepared(prepare).(*websocket.PreparedMessage)
	if !ok {
		return errNoSocket // prepare makes nothing else of a frame
	}
	if err := socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return socket.WritePreparedMessage(prepared)
}

func prepare(data []byte) any {
	p, err := websocket.NewPreparedMessage(websocket.BinaryMessage, data)
	if err != nil {
		return nil
	}
	return p
}

var newline = []byte{'\n'}

// writeJoined sends events in one message, with a newline between two. They fit into the socket's
// buffer, so that it goes in one piece.
func writeJoined(socket *websocket.Conn, frames []*hub.Frame) error {
	patience := min(time.Duration(len(frames))*writeTimeout, slowestWrite)
	if err := socket.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	w, err := socket.NextWriter(websocket.BinaryMessage)
	if err != nil {
		return err
	}
	for i, f := range frames {
		if i > 0 {
			if _, err := w.Write(newline); err != nil {
				return err
			}
		}
		if _, err := w.Write(f.Data); err != nil {
			return err
		}
	}
	return w.Close()
}
