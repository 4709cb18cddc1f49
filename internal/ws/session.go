package ws

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/service"
)

const (
	// pingInterval is how often a client is asked whether it is there.
	pingInterval = 25 * time.Second
	// silence is how long a client may say nothing, not even a pong.
	silence = 70 * time.Second
	// frameTime is how long one frame may take to come, from its first byte on.
	frameTime    = 30 * time.Second
	writeTimeout = 10 * time.Second
	closeTimeout = time.Second
	// noteInterval is how often it is written down how far a device is that gets messages.
	noteInterval = time.Minute
	// closeTravel is how long a client's farewell may be on its way, while it reads no more.
	closeTravel = time.Second
)

// conn is a session's socket. Its reader is the goroutine of run; what writes is the
// session's, one at a time.
type conn struct {
	handler *Handler
	caller  chat.Caller
	session *hub.Session
	typing  typingLimit

	opening sync.Mutex // held until the socket is there
	socket  *websocket.Conn

	mu       sync.Mutex
	pinger   *time.Timer
	pingedAt time.Time // when the ping that was answered last, or the handshake, was sent
	inFrame  bool

	notedAt time.Time // of tick alone
	closed  bool      // of run alone: by the client, with a close frame
}

// ready returns the socket, once it is there; nil when the handshake failed.
func (c *conn) ready() *websocket.Conn {
	c.opening.Lock()
	defer c.opening.Unlock()
	return c.socket
}

var errNoSocket = errors.New("the handshake has failed")

// WriteFrame sends a frame as one binary message; SDKs read no other.
func (c *conn) WriteFrame(f *hub.Frame) error {
	socket := c.ready()
	if socket == nil {
		return errNoSocket
	}
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

// Ping asks whether the client is there.
func (c *conn) Ping() error {
	socket := c.ready()
	if socket == nil {
		return errNoSocket
	}
	// The answer brings it back: several pings may be under way.
	since := strconv.FormatInt(int64(time.Since(c.session.Since)), 10)
	return socket.WriteControl(websocket.PingMessage, []byte(since), time.Now().Add(writeTimeout))
}

// Close ends the connection, with a close frame if that goes out soon.
func (c *conn) Close(code hub.StopCode, reason string) {
	socket := c.ready()
	if socket == nil {
		return
	}
	message := websocket.FormatCloseMessage(int(code), reason)
	_ = socket.WriteControl(websocket.CloseMessage, message, time.Now().Add(closeTimeout)) // it is gone either way
	_ = socket.Close()
}

// run reads frames until the socket ends.
func (c *conn) run() {
	socket := c.socket
	stop := context.AfterFunc(c.handler.stopping, func() { _ = socket.Close() })
	defer stop()
	c.pingedAt = time.Now()
	socket.SetReadLimit(MaxFrame)
	socket.SetPongHandler(c.pong)
	c.mu.Lock() // the first tick may be due at once
	c.pinger = time.AfterFunc(min(firstPing(c.session), c.untilExpiry()), c.tick)
	c.mu.Unlock()
	defer c.leave()
	for {
		if err := c.waitUntil(silence); err != nil {
			return
		}
		kind, r, err := socket.NextReader()
		if err != nil {
			c.closed = websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived)
			return
		}
		if err := c.begin(); err != nil {
			return
		}
		frame, held, err := c.read(r)
		if err == nil && (kind == websocket.TextMessage || kind == websocket.BinaryMessage) {
			c.handler.command(c, frame)
		}
		c.handler.o.Shares.FrameDone(c.owner(), held)
		if err != nil {
			var shown *chat.Error
			if errors.As(err, &shown) {
				c.session.Stop(hub.StopOverload, shown.Message)
			}
			return
		}
	}
}

// firstPing spreads the pings of sessions that began together.
func firstPing(s *hub.Session) time.Duration {
	return pingInterval/2 + time.Duration(uint64(s.Login)*7919%uint64(pingInterval/2))
}

// tick pings, and ends a session whose token has expired.
func (c *conn) tick() {
	if c.session.Stopped() {
		return
	}
	if c.session.ExpiresAt <= c.handler.o.Now().UnixMilli() {
		c.session.Stop(hub.StopToken, "the access token has expired")
		return
	}
	c.session.Ping()
	// A server that is killed cannot do so at the end.
	if c.session.News() && time.Since(c.notedAt) >= noteInterval {
		c.notedAt = time.Now()
		c.note(time.Time{})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pinger.Reset(min(pingInterval, c.untilExpiry()))
}

// untilExpiry is how long the session's token still works, and a moment more.
func (c *conn) untilExpiry() time.Duration {
	return time.Duration(c.session.ExpiresAt-c.handler.o.Now().UnixMilli()+1) * time.Millisecond
}

// pong proves that the client has had everything that was sent before the ping.
func (c *conn) pong(since string) error {
	n, err := strconv.ParseInt(since, 10, 64)
	sent := c.session.Since.Add(time.Duration(n))
	known := err == nil && n > 0 && !sent.After(time.Now())
	c.mu.Lock()
	if known && sent.After(c.pingedAt) {
		c.pingedAt = sent
	}
	inFrame := c.inFrame
	c.mu.Unlock()
	if known {
		c.session.Answered(sent)
	}
	if inFrame {
		return nil // whoever is slow with a frame gains no time by it
	}
	return c.socket.SetReadDeadline(time.Now().Add(silence))
}

func (c *conn) waitUntil(d time.Duration) error {
	c.mu.Lock()
	c.inFrame = false
	c.mu.Unlock()
	return c.socket.SetReadDeadline(time.Now().Add(d))
}

func (c *conn) begin() error {
	c.mu.Lock()
	c.inFrame = true
	c.mu.Unlock()
	return c.socket.SetReadDeadline(time.Now().Add(frameTime))
}

// read reads one frame and returns what it holds of its user's share.
func (c *conn) read(r io.Reader) (frame []byte, held int64, err error) {
	buf := make([]byte, 0, 2<<10)
	for {
		if len(buf) == cap(buf) {
			more := int64(cap(buf))
			if err := c.handler.o.Shares.Frame(c.owner(), more); err != nil {
				return nil, held, err
			}
			held += more
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, held, nil
		}
		if err != nil {
			return nil, held, err
		}
	}
}

// leave ends the session and notes up to when its device has had everything.
func (c *conn) leave() {
	c.pinger.Stop()
	defer c.handler.o.Hub.Leave(c.session) // last: what the device has must be known all the time
	c.session.Stop(hub.StopAway, "")
	_ = c.socket.Close()
	c.typing.stopAll(c)
	c.note(c.readUpTo())
}

// note writes down how far the device is. What was written to it up to a time counts as
// arrived; zero for none.
func (c *conn) note(upTo time.Time) {
	c.mu.Lock()
	d := service.DeviceState{Began: c.session.Since.UnixMilli(), SeenAt: c.pingedAt.UnixMilli()}
	c.mu.Unlock()
	d.Handed = c.session.Handed(upTo)
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	select {
	case c.handler.notes <- struct{}{}:
		defer func() { <-c.handler.notes }()
	case <-ctx.Done():
		return
	}
	err := c.handler.o.Service.NoteDevice(ctx, c.caller, d)
	if err != nil && !errors.Is(err, net.ErrClosed) && chat.CodeOf(err) == chat.CodeInternal {
		c.handler.o.Log.Warn("how far a device is could not be noted", "error", err)
	}
}

// readUpTo is up to when a client that has taken its leave has read what was written,
// though it has answered no ping since; zero for one that is just gone.
func (c *conn) readUpTo() time.Time {
	if !c.closed {
		return time.Time{}
	}
	return time.Now().Add(-closeTravel)
}
