package device

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Line is a device's socket, as far as feeding it needs.
type Line interface {
	// Began is the number from which on the session was told of every change.
	Began() int64
	// First is Began as it was before anything was left out that the device is to be fed.
	First() int64
	// Arrived is what has reached the device lately.
	Arrived() Known
	// Hold keeps back what the device is told otherwise, until Send or Release: what is read
	// meanwhile must not come behind what has changed since.
	Hold()
	Release()
	// Send sends messages, releases and returns once the device has shown that it has them.
	// Those that were appended by a change numbered from or higher are new to it.
	Send(ctx context.Context, views []chat.MessageView, from int64) error
}

// Feed sends over a device's socket what the device lacks, in chunks, each once the one
// before it has arrived, until the device has caught up to where its session began. A device
// that was never seen has yet to ask for its rooms: it is fed what its session has left out.
func (d *Devices) Feed(ctx context.Context, c chat.Caller, line Line) error {
	for {
		s, ok, err := d.chunk(ctx, c, line)
		switch {
		case err != nil || !ok:
			return err
		case len(s.fresh) > 0:
			err = line.Send(ctx, s.fresh, s.before.Cursor)
		default:
			line.Release()
			if samePlace(s.before, s.next) {
				err = pause(ctx) // a transaction under way holds the horizon
			}
		}
		if err != nil {
			return err
		}
		if err := d.save(ctx, c, s); err != nil {
			return err
		}
	}
}

// horizonPause is how long it is waited for a transaction that holds the horizon.
const horizonPause = 250 * time.Millisecond

func pause(ctx context.Context) error {
	t := time.NewTimer(horizonPause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// chunk reads what comes next, and leaves the line held; ok is false when there is nothing.
func (d *Devices) chunk(ctx context.Context, c chat.Caller, line Line) (s step, ok bool, err error) {
	select {
	case d.feeding <- struct{}{}:
		defer func() { <-d.feeding }()
	case <-ctx.Done():
		return s, false, context.Cause(ctx)
	}
	over, err := d.turns.take(ctx, turn{c.User, c.Login.Device})
	if err != nil {
		return s, false, err
	}
	defer over()
	p, found, err := d.store.Progress(ctx, c.User, c.Login.Device)
	if !found { // it lacks what its session has left out
		p = store.Progress{Cursor: line.First(), Offered: true}
	}
	if err != nil || p.Target == 0 && p.Cursor >= line.Began() {
		return s, false, err
	}
	line.Hold()
	if s, err = d.step(ctx, c, p, line.Arrived(), budget{d.limits.Chunk, chunkBytes}); err != nil {
		line.Release()
		return s, false, err
	}
	return s, true, nil
}
