package hub

import "sync"

// What has queued up goes out in one write, which costs a busy server as much as that of a single
// frame. A device has to read all of it before it sees the first, so it is bounded: with these
// bounds a write is a small part of what its events cost, and more would gain nothing.
const (
	maxFrames = 64
	// MaxTogether bounds the bytes, with one between two frames. A larger frame goes alone.
	MaxTogether = 32_000
)

// batch is what one write sends: frames or, without any, a ping.
type batch struct {
	frames []*Frame
	ping   uint64 // its number; 0 if there is nothing to send
	size   int    // bytes that were taken from the queue, also of frames that are not sent
}

// batches are those that nobody uses: only sessions that write have one.
var batches = sync.Pool{New: func() any { return &batch{frames: make([]*Frame, 0, maxFrames)} }}

// write sends what is queued.
func (s *Session) write() {
	b := batches.Get().(*batch)
	s.mu.Lock()
	for len(s.queue) > 0 && !s.stopped {
		s.take(b)
		s.mu.Unlock()
		err := b.write(s.conn)
		s.mu.Lock()
		s.bytes -= b.size
		s.wakeDrained()
		if err != nil && !s.stopped {
			s.stop(StopOverload, "the connection is broken")
		}
	}
	s.writing, s.queue = false, nil
	if s.stopped {
		s.held, s.bytes = nil, 0
	}
	s.wakeDrained()
	s.mu.Unlock()
	b.reset()
	batches.Put(b)
}

// take takes what the next write sends from the queue, and notes it: before the device can have
// it, and act on it. A ping is a write of its own, so that its answer shows that everything
// before it has arrived. It must be called with the lock held.
func (s *Session) take(b *batch) {
	b.reset()
	together := 0 // bytes, with one behind each frame
	for len(s.queue) > 0 && len(b.frames) < maxFrames {
		q := s.queue[0]
		if q.frame == nil {
			if len(b.frames) == 0 {
				s.pop()
				b.ping = s.note(q)
			}
			return
		}
		size := len(q.frame.Data)
		stale := s.stale(q.frame)
		if !stale && len(b.frames) > 0 && together+size > MaxTogether {
			return
		}
		s.pop()
		b.size += size
		if stale {
			continue
		}
		s.note(q)
		b.frames = append(b.frames, q.frame)
		together += size + 1
	}
}

// pop drops the first of the queue. It must be called with the lock held.
func (s *Session) pop() {
	s.queue[0] = queued{}
	s.queue = s.queue[1:]
}

// write sends the batch.
func (b *batch) write(to Conn) error {
	switch {
	case len(b.frames) > 0:
		return to.WriteFrames(b.frames)
	case b.ping > 0:
		return to.Ping(b.ping)
	}
	return nil
}

// reset empties the batch. It keeps nothing alive.
func (b *batch) reset() {
	clear(b.frames)
	b.frames, b.ping, b.size = b.frames[:0], 0, 0
}
