package socket

import (
	"context"
	"time"

	"parlor/internal/budget"
	"parlor/internal/httpapi"
)

// An app may emit thousands of frames at once, by a fault of its SDK. All of them are
// taken, at a pace that others do not notice: meanwhile this socket is not read, so that
// the rest waits in the network and with the app.

// owner is the user, on all devices together.
func (c *conn) owner() budget.Owner { return budget.OwnerOf(c.me.Caller, "") }

// pauseStep is how often a pause looks whether its session is over.
const pauseStep = time.Second

// pause waits, and reports whether the session still goes on then.
func (c *conn) pause(d time.Duration) bool {
	for d > 0 && !c.session.Stopped() {
		step := time.NewTimer(min(d, pauseStep))
		select {
		case <-step.C:
		case <-c.handler.stopping.Done():
			step.Stop()
			return false
		}
		d -= pauseStep
	}
	return !c.session.Stopped()
}

// mayFlow waits for the turn of a message or an edit of size bytes, and until the device
// has taken most of what is for it, echoes of its own messages among that. It reports
// whether the session still goes on then.
func (c *conn) mayFlow(size int) bool {
	if !c.pause(c.handler.o.Shares.SendAfter(c.owner(), size)) {
		return false
	}
	if drained := c.session.Backpressure(); drained != nil {
		select {
		case <-drained:
		case <-c.handler.stopping.Done():
			return false
		}
	}
	return !c.session.Stopped()
}

// parse reads a frame's parameters. Large ones have places of their own for it.
func (h *Handler) parse(c *conn, frame []byte) (*httpapi.Params, error) {
	if len(frame) > budget.LargeInput {
		ctx, cancel := context.WithTimeout(h.stopping, commandTimeout)
		defer cancel()
		done, err := h.o.Shares.Parse(ctx, c.owner())
		if err != nil {
			return nil, err
		}
		defer done()
	}
	return httpapi.ParseParams(frame), nil
}
