package ws

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/hub"
	"parlor/internal/wire"
)

// feed is the sending of what a device lacks. A conn's mutex guards it.
type feed struct {
	running  bool
	again    bool               // it is to be looked anew when this run ends
	stop     context.CancelFunc // of the run
	over     bool               // no more runs begin
	caughtUp bool               // a run has found nothing to send
}

// Behind has the device fed what it lacks.
func (c *conn) Behind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.startFeed()
}

// startFeed must be called with the lock held.
func (c *conn) startFeed() {
	if c.feed.over || c.feed.running {
		c.feed.again = true
		return
	}
	ctx, cancel := context.WithCancel(c.handler.stopping)
	c.feed.running, c.feed.again, c.feed.stop = true, false, cancel
	go c.runFeed(ctx, cancel) // ends when the device has everything, or its session ends
}

func (c *conn) runFeed(ctx context.Context, cancel context.CancelFunc) {
	defer cancel()
	err := c.handler.o.Service.Feed(ctx, c.caller, line{c})
	if err != nil && ctx.Err() == nil && chat.CodeOf(err) == chat.CodeInternal {
		c.handler.o.Log.Warn("a device could not be fed what it lacks", "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.feed.running = false
	c.feed.caughtUp = err == nil
	if c.feed.again && err == nil {
		c.startFeed() //nolint:contextcheck // the run that ends has used up its own
	}
}

// stopFeed ends the feed of a session that ends.
func (c *conn) stopFeed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.feed.over = true
	if c.feed.stop != nil {
		c.feed.stop()
	}
}

// line is a socket as a device is fed by it.
type line struct{ conn *conn }

// Began is the number from which on the session was told of every change.
func (l line) Began() int64 { return l.conn.session.Began() }

// First is Began as it was at first: before the device was to be fed what it was not told.
func (l line) First() int64 { return l.conn.session.First() }

// Arrived is what has reached the device lately.
func (l line) Arrived() device.Known {
	known, _ := l.conn.session.Arrived(l.conn.session.Since)
	return known
}

var errGone = errors.New("the session has ended")

// Hold keeps back what the device is told otherwise.
func (l line) Hold() { l.conn.session.Hold() }

// Release ends that.
func (l line) Release() { l.conn.session.Release() }

// Send sends messages, releases, and returns once the device has shown that it has them.
func (l line) Send(ctx context.Context, views []chat.MessageView, from int64) error {
	handed := make(device.Known, len(views))
	handed.Shows(views, l.conn.caller.User)
	l.conn.session.Ahead(handed, 0)
	for i := range views {
		v := &views[i]
		name := wire.EventUpdateMessage
		if v.Added >= from {
			name = wire.EventSendMessage
		}
		f := hub.NewFrame(wire.MessageEvent(name, v), hub.ShownTo(l.conn.caller.User, v))
		f.Fed = true // before those that are held
		l.conn.session.Send(f)
	}
	l.Release()
	if l.conn.session.Stopped() {
		return errGone
	}
	return l.conn.session.Confirm(ctx, 0)
}
