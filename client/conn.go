package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// silence is how long nothing may come, not even a ping, of which there is one every 25 s.
	silence          = 70 * time.Second
	writeTimeout     = 10 * time.Second
	handshakeTimeout = 20 * time.Second
	maxFrameIn       = 8 << 20 // of the server, in bytes; a message has a quarter at most
	maxFrameOut      = 1 << 20 // the server takes no larger ones
	closeExpired     = 4001    // the login has ended, or the access token has expired
)

// conn is one connection of a Stream. One goroutine reads; any may write.
type conn struct {
	socket *websocket.Conn
	done   chan struct{} // closed when nothing more comes
	err    error         // why; read after done

	mu sync.Mutex // one writer of frames at a time
}

// dialer returns one that goes the way of the HTTP client: by its proxy, with its certificates.
func (e *endpoint) dialer() *websocket.Dialer {
	d := &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeTimeout}
	if t, ok := e.http.Transport.(*http.Transport); ok {
		d.Proxy, d.NetDialContext = t.Proxy, t.DialContext
		if t.TLSClientConfig != nil {
			d.TLSClientConfig = t.TLSClientConfig.Clone()
			d.TLSClientConfig.NextProtos = nil // a WebSocket is no HTTP/2
		}
	}
	if d.TLSClientConfig == nil {
		d.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return d
}

// dial opens a connection, with new tokens if they are due.
func (d *Device) dial(ctx context.Context) (*conn, error) {
	tokens, err := d.fresh(ctx)
	if err != nil {
		return nil, err
	}
	c, err := d.dialWith(ctx, tokens)
	if CodeOf(err) != CodeTokenExpired {
		return c, err
	}
	if tokens, err = d.renew(ctx, tokens); err != nil {
		return nil, err
	}
	return d.dialWith(ctx, tokens)
}

func (d *Device) dialWith(ctx context.Context, tokens Tokens) (*conn, error) {
	server := d.app.server
	header := d.headers(tokens.Access)
	header.Set(server.keyHeader, server.key)
	address := "ws" + strings.TrimPrefix(server.base, "http") + "/connect"
	socket, resp, err := server.dialer().DialContext(ctx, address, header)
	if resp != nil {
		defer resp.Body.Close()
	}
	if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10)) // what there is of it
		if resp.StatusCode == http.StatusOK {
			return nil, err // no upgrade, and no refusal
		}
		return nil, openEnvelope(resp, text, nil)
	}
	if err != nil {
		return nil, err
	}
	socket.SetReadLimit(maxFrameIn)
	// The answer to a close frame would count as that of a device that has read everything.
	socket.SetCloseHandler(func(int, string) error { return nil })
	return &conn{socket: socket, done: make(chan struct{})}, nil
}

// read hands what comes to take, one event after the other, and the pings to ping, until the
// connection ends.
func (c *conn) read(take func(event []byte), ping func(payload string)) {
	defer close(c.done)
	c.socket.SetPingHandler(func(payload string) error {
		ping(payload)
		return c.socket.SetReadDeadline(time.Now().Add(silence))
	})
	for {
		if c.err = c.socket.SetReadDeadline(time.Now().Add(silence)); c.err != nil {
			return
		}
		kind, frame, err := c.socket.ReadMessage()
		if c.err = err; err != nil {
			return
		}
		if kind == websocket.BinaryMessage || kind == websocket.TextMessage {
			for event := range bytes.SplitSeq(frame, []byte{'\n'}) { // a frame may hold several
				take(event)
			}
		}
	}
}

// write sends a frame. A failure shows in the end of the connection, too.
func (c *conn) write(frame []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return c.socket.WriteMessage(websocket.BinaryMessage, frame)
}

// pong answers a ping; "" only says that the device is there. That it cannot be sent shows elsewhere.
func (c *conn) pong(payload string) {
	_ = c.socket.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(writeTimeout))
}

// close ends the connection. In order means that everything was taken that has come by it.
func (c *conn) close(inOrder bool) {
	if inOrder {
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = c.socket.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)) // good manners, no duty
	}
	_ = c.socket.Close()
}

// final returns the error with which a Stream ends when a connection has ended with err, nil when it goes on.
func final(err error) error {
	if websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		return ErrReplaced
	}
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		return nil
	}
	switch refusal.Code {
	case CodeNoKey, CodeBadToken, CodeSignedOut, CodeWrongApp, CodeUserDeleted, CodeForbidden,
		CodeBadKey, CodeUnknownKey, CodeWrongKey, CodeKeyRevoked:
		return err
	}
	return nil
}

// isExpired reports whether the server has closed a connection for its token, so that another one can do better.
func isExpired(err error) bool {
	return websocket.IsCloseError(err, closeExpired)
}
