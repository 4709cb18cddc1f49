package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// crowd is the sockets of everybody in a room. Each is read all the time, by a goroutine
// that does nothing but see whether the message under way has come, and only once.
type crowd struct {
	sockets []*socket
	readers sync.WaitGroup
	failed  chan error

	underWay atomic.Pointer[string] // its localID
	arrived  atomic.Int64           // at so many
	last     chan []byte            // what the last one got
}

// gather opens a crowd of devices.
func (g *rig) gather(ctx context.Context, t target, devices []device) (*crowd, error) {
	sockets, err := g.connect(ctx, t, devices)
	if err != nil {
		return nil, err
	}
	c := &crowd{sockets: sockets, failed: make(chan error, 1), last: make(chan []byte, 1)}
	for _, s := range sockets {
		c.readers.Go(func() { // ends with the socket
			select {
			case c.failed <- c.read(s):
			default: // the first failure says enough
			}
		})
	}
	return c, nil
}

// failure is the first that there was, if any.
func (c *crowd) failure() error {
	select {
	case err := <-c.failed:
		return err
	default:
		return nil
	}
}

// disperse closes all sockets.
func (c *crowd) disperse() {
	closeAll(c.sockets)
	c.readers.Wait()
}

// madeRoom is in the frames of system messages, such as that of how the room came about.
var madeRoom = []byte(`"type":9001,`)

// read returns what has ended it.
func (c *crowd) read(s *socket) error {
	var had *string
	for {
		frame, err := s.read()
		if err != nil {
			return err
		}
		for event := range eventsIn(frame) {
			if had, err = c.hear(event, had); err != nil {
				return err
			}
		}
	}
}

// hear takes one event of somebody who had the message had before, and returns which they
// have now.
func (c *crowd) hear(event []byte, had *string) (*string, error) {
	want := c.underWay.Load()
	if (want == nil || !bytes.Contains(event, []byte(*want))) && bytes.Contains(event, madeRoom) {
		return had, nil // a device that has not asked what is new is told after a while
	}
	if want == nil || want == had || !bytes.Contains(event, []byte(*want)) {
		return had, fmt.Errorf("an event came unexpectedly, or twice: %.300s", event)
	}
	if int(c.arrived.Add(1)) == len(c.sockets) {
		c.last <- bytes.Clone(event)
	}
	return want, nil
}

// tell lets the first of the crowd send frame, a message with that localID, and returns
// what the last one got of it.
func (c *crowd) tell(ctx context.Context, localID string, frame []byte) ([]byte, error) {
	c.arrived.Store(0)
	c.underWay.Store(&localID)
	if err := c.sockets[0].write(textFrame, frame); err != nil {
		return nil, err
	}
	late := time.NewTimer(callTimeout)
	defer late.Stop()
	select {
	case got := <-c.last:
		return got, nil
	case err := <-c.failed:
		return nil, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-late.C:
		return nil, fmt.Errorf("a message reached %d of %d: %w", c.arrived.Load(), len(c.sockets), errLate)
	}
}

var errLate = errors.New("too late")
