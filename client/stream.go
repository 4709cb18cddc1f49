package client

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"
)

const (
	defaultQueue   = 1024
	defaultEcho    = 20 * time.Second
	firstBackoff   = 200 * time.Millisecond
	longestBackoff = 30 * time.Second
	catchUpTimeout = 2 * time.Minute // which the server gives a device to take an answer
)

// StreamOptions set up a Stream. The zero StreamOptions are good.
type StreamOptions struct {
	// Queue is how many events may wait to be taken; 0 means 1,024. Beyond, the Stream lets go of what
	// comes, and catches up on it once half of the queue was taken.
	Queue int
	// EchoTimeout is how long Send and Edit wait for the server; 0 means 20 s.
	EchoTimeout time.Duration
}

// Stream is a device's live connection. It reconnects by itself, with pauses that grow, and then asks for
// what was missed.
//
// Every message of the user's rooms comes once as MessageSent, and for every change after that, such as an
// edit or a deletion, once more as MessageChanged; changes that follow each other quickly, or were missed,
// come as one. Messages of a room come in their order, with two exceptions: after a long absence, and for what is
// sent at the very moment at which the Stream catches up. Then an older one can come behind newer ones, and the
// ids tell.
//
// What a program has not come back for after Next counts as not received: if the program dies, the server
// sends it again to the next Stream of the device. One exception remains: what is caught up on counts once
// it has reached the program.
//
// Next may be called by one goroutine at a time, the other methods by any.
type Stream struct {
	device *Device
	o      StreamOptions
	queue  *queue
	stop   context.CancelFunc
	done   chan struct{} // closed when run has ended

	mu      sync.Mutex
	conn    *conn // nil between connections
	pending map[pendingKey]*pending
}

// Connect opens the device's Stream. ctx bounds the connecting only; Close ends the Stream. The error is that
// of the first attempt: a Stream that has begun keeps trying.
func (d *Device) Connect(ctx context.Context, o StreamOptions) (*Stream, error) {
	if o.Queue <= 0 {
		o.Queue = defaultQueue
	}
	if o.EchoTimeout <= 0 {
		o.EchoTimeout = defaultEcho
	}
	c, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Stream{
		device: d, o: o, queue: newQueue(max(o.Queue, 1)), stop: stop, done: make(chan struct{}),
		pending: map[pendingKey]*pending{},
	}
	go s.run(running, c) // ends with Close, or when the device is signed out
	return s, nil
}

// Next returns the next event, and waits for one. After Close it returns ErrClosed, and when the Stream cannot
// go on, as after a sign-out, the reason, both once all events were taken. At the end of ctx it returns its cause.
func (s *Stream) Next(ctx context.Context) (Event, error) {
	for {
		i, err := s.queue.next(ctx)
		if err != nil || i.pong == nil {
			return i.event, err
		}
		i.pong() // all that came before it was taken
	}
}

// Events ranges over the events until the Stream or ctx ends, which is the last error.
func (s *Stream) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			e, err := s.Next(ctx)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Close ends the Stream and returns when it has ended. To repeat it does nothing.
func (s *Stream) Close() {
	s.stop()
	<-s.done
}

// run keeps the Stream connected.
func (s *Stream) run(ctx context.Context, c *conn) {
	defer close(s.done)
	failures := 0
	for again := false; ; again = true {
		caughtUp, err := s.serve(ctx, c, again)
		if caughtUp {
			failures = 0
		}
		for {
			if end := s.endOf(ctx, err); end != nil {
				s.queue.end(end)
				return
			}
			if c != nil {
				s.queue.tell(Disconnected{err})
			}
			s.queue.awaitRoom(ctx.Done())
			if failures > 0 || !isExpired(err) && !errors.Is(err, errBehind) {
				sleep(ctx, max(backoff(failures), retryAfter(err)))
			}
			failures++
			if c, err = s.device.dial(ctx); err == nil {
				break
			}
		}
	}
}

// endOf returns why the Stream ends after err, nil when it goes on.
func (s *Stream) endOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrClosed
	}
	return final(err)
}

// backoff is how long to wait after so many failures in a row, with some chance in it.
func backoff(failures int) time.Duration {
	pause := firstBackoff << min(failures, 10)
	return spread(min(pause, longestBackoff))
}

// errBehind ends a connection of which not everything could be taken.
var errBehind = errors.New("client: events came faster than they were taken")

// serve catches up and takes what comes by a connection until it ends. caughtUp says that it was of use.
func (s *Stream) serve(ctx context.Context, c *conn, again bool) (caughtUp bool, err error) {
	s.queue.hold()
	go c.read(s.take, s.ping(c)) // ends with the connection
	defer func() {
		c.close(ctx.Err() != nil && s.queue.isEmpty())
		<-c.done
		s.mu.Lock()
		s.conn = nil
		s.mu.Unlock()
	}()
	s.begin(c)

	// What comes by the connection meanwhile waits for the answer. Most of it is newer, or the same: see release.
	missed, err := s.catchUp(ctx)
	if err != nil {
		return false, s.reason(ctx, c, err)
	}
	s.queue.release(Connected{Again: again}, missed)

	behind := make(chan struct{})
	go func() { // ends with the connection
		s.queue.awaitOverflow(c.done)
		close(behind)
	}()
	select {
	case <-ctx.Done():
		return true, context.Cause(ctx)
	case <-c.done:
		return true, c.err
	case <-behind:
		return true, s.reason(ctx, c, errBehind)
	}
}

// catchUp asks for what was missed, once. It is never given up halfway: the answer may have arrived already,
// and counts as such for the server.
func (s *Stream) catchUp(ctx context.Context) ([]Message, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catchUpTimeout)
	defer cancel()
	var answer messageList
	err := s.device.call(ctx, call{path: newAndUpdated, attempts: 1}, &answer)
	return answer.Messages, err
}

// reason is why a connection is over: its own end goes before what follows from it.
func (s *Stream) reason(ctx context.Context, c *conn, err error) error {
	select {
	case <-c.done:
		return c.err
	default:
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// take takes an event.
func (s *Stream) take(text []byte) {
	e := decodeFrame(text)
	s.settle(e)
	s.queue.put(item{event: e, size: len(text)})
}

// ping returns what to do with the pings of a connection. The answer tells the server that everything before
// has arrived, so it goes out when all that was taken, and something else keeps the connection open until then.
func (s *Stream) ping(c *conn) func(payload string) {
	return func(payload string) {
		if s.queue.putPing(func() { c.pong(payload) }) {
			c.pong("") // the device is there; the answer has to wait
			return
		}
		c.pong(payload)
	}
}
