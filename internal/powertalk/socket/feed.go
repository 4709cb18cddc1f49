package socket

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
)

// feedRetry is how soon a feed that has failed is tried again.
const feedRetry = time.Second

// feed is the sending of what a device lacks. A conn's mutex guards it.
type feed struct {
	running  bool
	again    bool               // look again when this run ends
	stop     context.CancelFunc // of the run
	over     bool               // no more runs begin
	caughtUp bool               // a run has found nothing to send
}

// Behind starts a feed of what the device lacks.
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
	err := c.me.Feed(ctx, line{c})
	if err != nil && ctx.Err() == nil && !c.session.Stopped() && chat.CodeOf(err) == chat.CodeInternal {
		c.handler.o.Log.Warn("a device could not be fed what it lacks", "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.feed.running, c.feed.stop = false, nil // which holds the context
	c.feed.caughtUp = err == nil
	switch {
	case c.feed.over:
	case err != nil: // what was left out must come soon
		time.AfterFunc(feedRetry, c.Behind)
	case c.feed.again:
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

// line is the socket over which a device is fed.
type line struct{ conn *conn }

// First is the number from which on everything was delivered to the session at first.
func (l line) First() int64 { return l.conn.session.First() }

// Arrived asks the device and returns what has reached it lately.
func (l line) Arrived(ctx context.Context) (device.Known, error) {
	s := l.conn.session
	if s.Open() {
		if err := s.Confirm(ctx, 0); err != nil {
			return nil, err
		}
	}
	known, _ := s.Arrived(s.Since)
	return known, nil
}

// Begin has the session leave out messages from now on.
func (l line) Begin() { l.conn.session.BeginFeed() }

// End has the session deliver everything again, if its device has all that was left out.
func (l line) End(cursor int64) bool { return l.conn.session.EndFeed(cursor) }

// Send sends messages and returns once the device has shown that it has them.
func (l line) Send(ctx context.Context, views []chat.MessageView, added map[chat.MessageID]bool) error {
	s := l.conn.session
	frames := make([]*hub.Frame, len(views))
	for i := range views {
		v := &views[i]
		name := wire.EventUpdateMessage
		if added[v.ID] {
			name = wire.EventSendMessage
		}
		frames[i] = hub.NewFrame(wire.MessageEvent(name, v), hub.ShownTo(l.conn.me.User, v))
	}
	s.SendFed(frames)
	return s.Confirm(ctx, 0)
}
