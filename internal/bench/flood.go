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

// floodWindow is how many messages are under way at once: by the average of the members, not
// by the slowest, so that no sender waits for one of them. It is well below what a server
// queues for a slow session before it ends it.
const floodWindow = 64

// flood is a room of sockets that some of its members write into without waiting. Each
// socket is read all the time, and its events are counted.
type flood struct {
	t       target
	members []*socket
	senders []*floodSender // the first of the members
	readers sync.WaitGroup
	failed  chan error

	got       []atomic.Int64 // events of each member
	delivered atomic.Int64   // of all members
	sent      atomic.Int64
	underWay  chan struct{}
	quiet     chan struct{} // gets one when everybody has had what was sent
	ending    atomic.Bool   // nobody sends any more
}

// floodSender is one who writes, and when what has not come back was sent.
type floodSender struct {
	socket *socket
	// next makes a message and its localID.
	next func() (localID string, frame []byte, err error)

	mu    sync.Mutex
	since map[string]time.Time
	tooks []time.Duration
}

// newFlood opens a socket for each device; the first ones are to send what next makes. The
// sockets are closed with the rig.
func (g *rig) newFlood(
	ctx context.Context, t target, devices []device, senders int, next func() (string, []byte, error),
) (*flood, error) {
	sockets, err := g.connect(ctx, t, devices)
	if err != nil {
		return nil, err
	}
	// Somebody whose socket is open may not be among those yet who are sent to: the bare server
	// notes that a moment later, and answers nothing before.
	for _, s := range sockets {
		if err := s.answers(); err != nil {
			return nil, t.fate(err)
		}
	}
	f := &flood{
		t: t, members: sockets, failed: make(chan error, 1), got: make([]atomic.Int64, len(sockets)),
		underWay: make(chan struct{}, floodWindow), quiet: make(chan struct{}, 1),
	}
	for _, s := range sockets[:senders] {
		f.senders = append(f.senders, &floodSender{socket: s, next: next, since: map[string]time.Time{}})
	}
	g.closers = append(g.closers, func() error {
		f.disperse()
		return nil
	})
	for i, s := range sockets {
		f.readers.Go(func() { // ends with the socket
			select {
			case f.failed <- f.read(i, s):
			default: // the first failure says enough
			}
		})
	}
	return f, nil
}

// disperse closes all sockets.
func (f *flood) disperse() {
	closeAll(f.members)
	f.readers.Wait()
}

// read returns what has ended it.
func (f *flood) read(member int, s *socket) error {
	for {
		frame, err := s.read()
		if err != nil {
			return err
		}
		came := int64(0)
		for event := range eventsIn(frame) {
			if bytes.Contains(event, madeRoom) {
				continue // a device that has not asked what is new is told after a while
			}
			came++
			if member < len(f.senders) {
				f.senders[member].echo(event)
			}
		}
		f.count(member, came)
	}
}

// count notes that a member has had so many events more, and lets as many messages go on as
// all members have had by the average.
func (f *flood) count(member int, came int64) {
	f.got[member].Add(came)
	everybody := int64(len(f.members))
	now := f.delivered.Add(came)
	for range now/everybody - (now-came)/everybody {
		select {
		case <-f.underWay:
		default: // more came than was sent, which is noticed in the end
		}
	}
	if f.ending.Load() && now == f.sent.Load()*everybody {
		f.calm()
	}
}

func (f *flood) calm() {
	select {
	case f.quiet <- struct{}{}:
	default: // it is known
	}
}

var localIDKey = []byte(`"localID":"`)

// echo notes how long an own message took.
func (s *floodSender) echo(event []byte) {
	id := localIDOf(event)
	if id == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if since, own := s.since[id]; own {
		s.tooks = append(s.tooks, time.Since(since))
		delete(s.since, id)
	}
}

// localIDOf is the first localID in an event, that of its message; "" where there is none.
func localIDOf(event []byte) string {
	_, rest, _ := bytes.Cut(event, localIDKey)
	id, _, _ := bytes.Cut(rest, []byte{'"'})
	return string(id)
}

// send sends one message.
func (s *floodSender) send() error {
	localID, frame, err := s.next()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.since[localID] = time.Now()
	s.mu.Unlock()
	return s.socket.write(textFrame, frame)
}

// run lets everybody send for d, and returns when all members have had all of it, with the
// time of all and that of each message until it came back to its sender.
func (f *flood) run(ctx context.Context, d time.Duration) (time.Duration, []time.Duration, error) {
	for _, s := range f.senders {
		s.tooks = nil
		if err := s.socket.tcp.SetWriteDeadline(time.Now().Add(d + callTimeout)); err != nil {
			return 0, nil, err
		}
	}
	f.ending.Store(false)
	start := time.Now()
	var sending sync.WaitGroup
	errs := make([]error, len(f.senders))
	ctx, cancel := context.WithTimeoutCause(ctx, d+callTimeout, errLate)
	defer cancel()
	for i, s := range f.senders {
		sending.Go(func() { errs[i] = f.sendUntil(ctx, s, start.Add(d)) }) // ends with d
	}
	sending.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, nil, f.t.fate(err)
	}
	if err := f.drain(ctx); err != nil {
		return 0, nil, f.t.fate(err)
	}
	all := time.Since(start)
	var tooks []time.Duration
	for _, s := range f.senders {
		tooks = append(tooks, s.tooks...)
	}
	return all, tooks, f.exact(len(tooks))
}

func (f *flood) sendUntil(ctx context.Context, s *floodSender, end time.Time) error {
	for time.Now().Before(end) {
		select {
		case f.underWay <- struct{}{}:
		case err := <-f.failed:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		f.sent.Add(1)
		if err := s.send(); err != nil {
			return err
		}
	}
	return nil
}

// drain waits until everybody has had everything.
func (f *flood) drain(ctx context.Context) error {
	select {
	case <-f.quiet: // of a round before
	default:
	}
	f.ending.Store(true)
	if f.delivered.Load() == f.sent.Load()*int64(len(f.members)) {
		f.calm()
	}
	select {
	case <-f.quiet:
		return nil
	case err := <-f.failed:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s of %s events came: %w", thousands(f.delivered.Load()),
			thousands(f.sent.Load()*int64(len(f.members))), context.Cause(ctx))
	}
}

// exact makes sure that each member has had each message, and none twice.
func (f *flood) exact(echoes int) error {
	sent := f.sent.Load()
	for i := range f.got {
		if got := f.got[i].Load(); got != sent {
			return fmt.Errorf("member %d has had %d of %d messages", i, got, sent)
		}
	}
	left := 0
	for _, s := range f.senders {
		left += len(s.since)
	}
	if left > 0 {
		return fmt.Errorf("%d messages did not come back to their senders, %d did", left, echoes)
	}
	return nil
}
