package device

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Line is a device's socket, as far as feeding it needs.
type Line interface {
	// First is the number from which on every change was delivered to the session at first,
	// before anything was left out for its device to be fed.
	First() int64
	// Arrived asks the device and returns what has reached it lately.
	Arrived(ctx context.Context) (Known, error)
	// Begin has the session leave out messages from now on, so that what is fed keeps its order,
	// until End finds that the device has everything up to a cursor.
	Begin()
	End(cursor int64) bool
	// Send sends messages and returns once the device has shown that it has them. Those in
	// added are new to it.
	Send(ctx context.Context, views []chat.MessageView, added map[chat.MessageID]bool) error
}

// Feed sends over a device's socket what the device lacks, in chunks, each once the previous
// one has arrived, until the device has caught up to where its session began. A device that
// was never seen has yet to ask for its rooms: it is fed what its session has left out.
func (d *Devices) Feed(ctx context.Context, c chat.Caller, line Line) error {
	for {
		p, err := d.progress(ctx, c, line)
		if err != nil || p.Target == 0 && line.End(p.Cursor) {
			return err
		}
		line.Begin()
		arrived, err := line.Arrived(ctx) // before taking a turn: a device that does not answer delays nobody else
		if err != nil {
			return err
		}
		s, ok, err := d.chunk(ctx, c, line, arrived)
		switch {
		case err != nil || !ok:
			return err
		case len(s.fresh) > 0:
			err = line.Send(ctx, s.fresh, s.added)
		case samePlace(s.before, s.next):
			err = pause(ctx) // a transaction under way holds the horizon
		}
		if err != nil {
			return err
		}
		if err := d.save(ctx, c, s); err != nil {
			return err
		}
	}
}

// horizonPause is how long to wait for a transaction that holds the horizon.
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

// progress is how far a device is. One that was never seen lacks what its session has left out.
func (d *Devices) progress(ctx context.Context, c chat.Caller, line Line) (store.Progress, error) {
	p, found, err := d.store.Progress(ctx, c.User, c.Login.Device)
	if !found {
		p = store.Progress{Cursor: line.First(), Offered: true}
	}
	return p, err
}

// chunk reads what comes next; ok is false when there is nothing.
func (d *Devices) chunk(ctx context.Context, c chat.Caller, line Line, arrived Known) (s step, ok bool, err error) {
	end, err := d.feedTurn(ctx, turn{c.User, c.Login.Device})
	if err != nil {
		return s, false, err
	}
	defer end()
	p, err := d.progress(ctx, c, line)
	if err != nil || p.Target == 0 && line.End(p.Cursor) {
		return s, false, err
	}
	s, err = d.step(ctx, c, p, arrived, budget{d.limits.Chunk, chunkBytes})
	return s, err == nil, err
}

// feedTurn takes the device's turn and one of the places of all feeds. It waits for one of them
// only while it has not got the other: a device that is slow to read an answer keeps no place
// from other devices' feeds, and a call of the device does not wait for a place.
func (d *Devices) feedTurn(ctx context.Context, k turn) (end func(), err error) {
	for {
		over, err := d.turns.take(ctx, k)
		if err != nil {
			return nil, err
		}
		over()
		select {
		case d.feeding <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if over, ok := d.turns.try(k); ok {
			return func() {
				over()
				<-d.feeding
			}, nil
		}
		<-d.feeding // a call was faster
	}
}
