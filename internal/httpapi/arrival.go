package httpapi

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// quiet is how long a caller's connection must stay open after an answer for the answer to
	// count as read, if nothing that the caller does shows it.
	quiet = 2 * time.Second
	// longest is how long to wait for the caller's system to confirm the end of it.
	longest = time.Minute
)

// Watch has the connections of ln notice whether answers have arrived. A server that uses it
// must use ConnContext, too.
func Watch(ln net.Listener) net.Listener { return watchedListener{ln} }

type watchedListener struct{ net.Listener }

// Accept waits for the next connection.
func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		return &watchedConn{TCPConn: tcp}, nil
	}
	return c, err
}

// watchedConn knows whether the caller has read the answer that was sent last: it shows in what
// the caller does next. A caller who reads an answer to its end continues to use the connection
// or closes it in order; one who is cut off resets it, or confirms nothing more.
type watchedConn struct {
	*net.TCPConn

	answerBy atomic.Int64 // until when a large answer must be taken, in Unix ns; 0 when there is none

	mu     sync.Mutex
	answer *delivery // the one sent last, until it is settled
}

// Read notices what the caller does after an answer.
func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if d := c.last(); d != nil {
		switch {
		case n > 0:
			d.settle(true) // the caller sends the next request
		case errors.Is(err, os.ErrDeadlineExceeded): // only a look whether something came
		case errors.Is(err, io.EOF):
			d.settle(c.confirmed())
		case err != nil:
			d.settle(false)
		}
	}
	return n, err
}

// Close ends the connection, but not before it is known whether the last answer was read:
// until then only this end of it is closed.
func (c *watchedConn) Close() error {
	d := c.last()
	if d == nil {
		return c.TCPConn.Close()
	}
	go c.linger(d) // ends when the other end closes, or soon
	return nil
}

func (c *watchedConn) linger(d *delivery) {
	defer func() { _ = c.TCPConn.Close() }()
	if err := c.CloseWrite(); err != nil {
		d.settle(false)
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(quiet))
	switch _, err := io.Copy(io.Discard, c.TCPConn); {
	case err == nil, errors.Is(err, os.ErrDeadlineExceeded):
		d.settle(c.confirmed())
	default:
		d.settle(false)
	}
}

func (c *watchedConn) last() *delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answer
}

// confirmed reports whether the caller's system has confirmed everything that was sent and has
// not reset the connection.
func (c *watchedConn) confirmed() bool {
	whole, open := sendState(c.TCPConn)
	return whole && open
}

type connKey struct{}

// ConnContext lets calls find their connection.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if w, ok := c.(*watchedConn); ok {
		return context.WithValue(ctx, connKey{}, w)
	}
	return ctx
}

// gone reports whether the caller of r has reset the connection. The context of r does not show
// that while the caller's next call has already arrived.
func gone(r *http.Request) bool {
	c, ok := r.Context().Value(connKey{}).(*watchedConn)
	if !ok {
		return false
	}
	_, open := sendState(c.TCPConn)
	return !open
}

// delivery is an answer that was sent and is not yet known to have arrived.
type delivery struct {
	conn *watchedConn
	done func(arrived bool)
	once sync.Once
	sent time.Time

	mu    sync.Mutex
	timer *time.Timer
}

// track calls done once, when it is known whether the answer to r, which was sent, has
// arrived. The function that it returns decides that at once.
func track(r *http.Request, done func(arrived bool)) (decide func()) {
	c, ok := r.Context().Value(connKey{}).(*watchedConn)
	if !ok { // behind a server that does not watch, what was sent has arrived
		done(true)
		return func() {}
	}
	d := &delivery{conn: c, done: done, sent: time.Now()}
	c.mu.Lock()
	c.answer = d
	c.mu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.timer = time.AfterFunc(quiet, d.look) // ends with settle
	return func() { d.settle(d.confirmSoon()) }
}

const (
	// ackTime is how long a system may delay its confirmation, and ackStep how often to check for
	// it.
	ackTime = 500 * time.Millisecond
	ackStep = 5 * time.Millisecond
)

// confirmSoon is confirmed for an answer that may only just have arrived.
func (d *delivery) confirmSoon() bool {
	for deadline := time.Now().Add(ackTime); ; time.Sleep(ackStep) {
		whole, open := sendState(d.conn.TCPConn)
		if whole || !open || time.Now().After(deadline) {
			return whole && open
		}
	}
}

// look decides about an answer whose caller has been quiet.
func (d *delivery) look() {
	whole, open := sendState(d.conn.TCPConn)
	if whole || !open || time.Since(d.sent) > longest {
		d.settle(whole && open)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.timer.Reset(quiet)
}

func (d *delivery) settle(arrived bool) {
	d.once.Do(func() {
		d.mu.Lock()
		if d.timer != nil {
			d.timer.Stop()
		}
		d.mu.Unlock()
		d.conn.mu.Lock()
		if d.conn.answer == d {
			d.conn.answer = nil
		}
		d.conn.mu.Unlock()
		d.done(arrived)
	})
}
