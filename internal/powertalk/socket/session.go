package socket

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
	"parlor/internal/device"
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
	closeTimeout = time.Second
	// confirmInterval is how soon a client is asked whether it has what was sent to it, and
	// noteInterval how often it is written down how far its device is.
	confirmInterval = 8 * time.Second
	noteInterval    = 10 * time.Second
	// closeTravel is how long a client's farewell may be on its way, while it reads no more.
	closeTravel = time.Second
)

// conn is a session's socket. Its reader is the goroutine of run; what writes is the
// session's, one at a time.
type conn struct {
	handler *Handler
	me      service.Member
	session *hub.Session
	typing  typingLimit

	opening sync.Mutex // held until the socket is there
	socket  *websocket.Conn

	mu      sync.Mutex
	pinger  *time.Timer
	soon    bool      // the next tick has been brought forward
	seenAt  time.Time // when the client last showed that it is there, by the server's clock: it is stored
	notedAt time.Time
	noting  bool
	inFrame bool
	feed    feed

	closed bool // of run alone: by the client, with a close frame
}

// ready returns the socket, once it is there; nil when the handshake failed.
func (c *conn) ready() *websocket.Conn {
	c.opening.Lock()
	defer c.opening.Unlock()
	return c.socket
}

var errNoSocket = errors.New("the handshake has failed")

// Ping asks whether the client is there. The answer brings the number back.
func (c *conn) Ping(number uint64) error {
	socket := c.ready()
	if socket == nil {
		return errNoSocket
	}
	payload := strconv.AppendUint(nil, number, 10)
	return socket.WriteControl(websocket.PingMessage, payload, time.Now().Add(writeTimeout))
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
	socket.SetReadLimit(MaxFrame)
	socket.SetPongHandler(c.pong)
	c.mu.Lock() // the first tick may be due at once
	c.seenAt = c.handler.o.Now()
	c.pinger = time.AfterFunc(min(firstPing(c.session), c.untilExpiry()), c.tick)
	c.mu.Unlock()
	defer c.leave()
	for {
		if err := c.waitUntil(silence); err != nil {
			return
		}
		kind, r, err := socket.NextReader()
		if err != nil {
			c.closed = websocket.IsCloseError(err,
				websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived)
			return
		}
		if err := c.begin(); err != nil {
			return
		}
		frame, held, err := c.read(r)
		if err == nil && (kind == websocket.TextMessage || kind == websocket.BinaryMessage) && !c.session.Stopped() {
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
	c.session.Ping(c.handler.o.Hub.Frontier())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.soon = false
	c.pinger.Reset(min(pingInterval, c.untilExpiry()))
	if !c.feed.caughtUp {
		c.startFeed() // SDKs do not ask after every loss of a connection
	}
}

// confirmSoon brings the next ping forward, unless that was done already, so that it is soon
// known whether what was sent has arrived.
func (c *conn) confirmSoon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.soon && c.pinger != nil {
		c.soon = true
		// Sessions that got the same frame should not be asked at the same moment.
		spread := time.Duration(uint64(c.session.Login) * 7919 % uint64(confirmInterval/2))
		c.pinger.Reset(min(confirmInterval/2+spread, c.untilExpiry()))
	}
}

// untilExpiry is how long the session's token still works, and a moment more.
func (c *conn) untilExpiry() time.Duration {
	return time.Duration(c.session.ExpiresAt-c.handler.o.Now().UnixMilli()+1) * time.Millisecond
}

// pong proves that the client has had everything that was sent before the ping.
func (c *conn) pong(number string) error {
	if n, err := strconv.ParseUint(number, 10, 64); err == nil {
		c.session.Answered(n)
	}
	c.mu.Lock()
	now := time.Now()
	c.seenAt = c.handler.o.Now()
	inFrame := c.inFrame
	// A server that is killed cannot do so at the end.
	if !c.noting && now.Sub(c.notedAt) >= noteInterval && c.session.Unsaved() {
		c.noting, c.notedAt = true, now
		go func() { // ends with the write, which is bounded
			c.note(time.Time{})
			c.mu.Lock()
			defer c.mu.Unlock()
			c.noting = false
		}()
	}
	c.mu.Unlock()
	if inFrame {
		return nil // being slow with a frame gains no time
	}
	return c.socket.SetReadDeadline(now.Add(silence))
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
	c.stopFeed()
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
	d := device.State{Began: c.session.Began(), SeenAt: c.seenAt.UnixMilli()}
	c.mu.Unlock()
	d.Known, d.UpTo = c.session.Arrived(upTo)
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	select {
	case c.handler.notes <- struct{}{}:
		defer func() { <-c.handler.notes }()
	case <-ctx.Done():
		return
	}
	cursor, err := c.me.NoteDevice(ctx, d)
	if err == nil {
		c.session.Forget(cursor)
	}
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
