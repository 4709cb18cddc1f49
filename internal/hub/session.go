package hub

import (
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
)

const (
	// maxQueued and maxQueuedBytes bound what waits for a session. One that is slower is
	// ended; back again, it asks for what it has missed.
	maxQueued      = 512
	maxQueuedBytes = 2 << 20
)

// Frame is an event as devices get it. It is shared by all sessions that get it.
type Frame struct {
	Data []byte
	// Late, if set, is the number of a change that is delivered late. Devices whose sessions began
	// after it have asked for it or are fed it, so they do not get the frame. Those that began
	// before Until may have asked before it was committed: they are fed once more. A device
	// without a name cannot be fed, so it gets the frame then.
	Late  int64
	Until time.Time
	// Shown are the messages that the frame brings.
	Shown []Shown
	// Fed says that the frame is part of a feed.
	Fed bool

	once     sync.Once
	prepared any
}

// Shown is a message, as a frame shows it.
type Shown struct {
	Message  chat.MessageID
	Seen     device.Seen
	Original bool // nothing about it had changed: a device that knows the message knows that much
}

// ShownTo is how a view shows its message.
func ShownTo(viewer chat.UserID, v *chat.MessageView) Shown {
	return Shown{
		Message: v.ID, Seen: device.Seen{State: v.State(viewer), Number: v.Number},
		Original: v.UpdatedAt == v.CreatedAt && !v.Read && !v.Gone,
	}
}

// NewFrame returns a frame of data, which must not be changed any more, and of the messages
// that it shows.
func NewFrame(data []byte, shown ...Shown) *Frame { return &Frame{Data: data, Shown: shown} }

// Prepared returns what prepare makes of the data, made once for all sessions.
func (f *Frame) Prepared(prepare func([]byte) any) any {
	f.once.Do(func() { f.prepared = prepare(f.Data) })
	return f.prepared
}

// StopCode says why a session ended, as a WebSocket close code.
type StopCode int

// Why sessions end.
const (
	StopAway     StopCode = 1001 // the server is going away
	StopPolicy   StopCode = 1008
	StopOverload StopCode = 1013 // too slow, or the server could not keep up
	StopToken    StopCode = 4001 // signed out, or the token has expired
)

// Conn is the connection of a session. Its methods, except Close, are called from one
// goroutine at a time.
type Conn interface {
	// WriteFrames sends one frame or several, in their order, in one write.
	WriteFrames(frames []*Frame) error
	// Ping asks the device to answer with a number.
	Ping(number uint64) error
	// Behind starts a feed of what the device lacks. It must not block.
	Behind()
	// Close ends the connection. It must not block for long.
	Close(code StopCode, reason string)
}

// Session is one live connection of a user.
type Session struct {
	App       chat.AppID
	User      chat.UserID
	Login     chat.LoginID
	Device    string
	ExpiresAt int64 // Unix ms: when its token does
	Since     time.Time

	conn  Conn
	index int // in the hub's list; guarded by the hub's lock

	mu       sync.Mutex
	queue    []queued
	bytes    int
	writing  bool
	stopped  bool
	began    int64 // change number: see Began
	first    int64 // began, before anything was skipped
	arrivals device.Arrivals
	waiting  []confirmation // pings with a caller who waits for the answer
	gone     bool           // it has left the hub
	left     chan struct{}  // made for those who wait for that; closed then
	drained  chan struct{}  // if set, closed when the queue is half empty
	fed      bool           // messages are left out: the device is fed them
	held     []*Frame       // kept back while a call answers the device with messages
	holds    int            // calls that do so
	flush    *time.Timer    // while they do: see flushHeld
	ahead    device.Known   // what the device got from calls: anything older is not sent
	given    device.Known   // what it was fed, which is not sent again either
}

// queued is a frame or, without one, a ping.
type queued struct {
	frame    *Frame
	frontier int64         // changes below this number had been delivered when the ping was queued
	answered chan struct{} // if set, closed when it is answered
}

// confirmation is a ping with a caller who waits for its answer.
type confirmation struct {
	ping uint64
	done chan struct{}
}

// NewSession returns a session that writes to conn.
func NewSession(conn Conn, c chat.Caller) *Session {
	return &Session{
		App: c.App.ID, User: c.User, Login: c.Login.ID, Device: c.Login.Device,
		ExpiresAt: c.Login.AccessExpiry, Since: time.Now(), conn: conn,
	}
}

// Send queues f and returns at once.
func (s *Session) Send(f *Frame) {
	switch {
	case f.Late == 0 || s.Began() <= f.Late || s.Device == "" && !s.Since.After(f.Until):
		s.enqueue(queued{frame: f}, len(f.Data))
	case !s.Since.After(f.Until):
		s.conn.Behind()
	}
}

// SendFed queues what the device is fed, so that it goes together, and returns at once.
func (s *Session) SendFed(frames []*Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range frames {
		f.Fed = true
		s.push(queued{frame: f}, len(f.Data))
	}
}

func (s *Session) enqueue(q queued, size int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.push(q, size)
}

// push must be called with the lock held.
func (s *Session) push(q queued, size int) bool {
	if s.stopped {
		return false
	}
	if q.frame != nil && s.leavesOut(q.frame) {
		return true
	}
	if len(s.queue)+len(s.held) >= maxQueued || s.bytes > 0 && s.bytes+size > maxQueuedBytes {
		s.stop(StopOverload, "too slow")
		return false
	}
	s.bytes += size
	if q.frame != nil && s.holds > 0 && !q.frame.Fed {
		s.held = append(s.held, q.frame)
		return true
	}
	if len(s.held) > 0 { // a ping goes ahead of them: its answer shows nothing about their changes
		q.frontier = 0
	}
	s.queue = append(s.queue, q)
	s.startWriting()
	return true
}

// startWriting must be called with the lock held.
func (s *Session) startWriting() {
	if !s.writing {
		s.writing = true
		go s.write() // ends when the queue is empty; an idle session has no writer
	}
}

// Stop ends the session: its connection is closed, which its reader then notices.
func (s *Session) Stop(code StopCode, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.stop(code, reason)
	}
}

// stop must be called with the lock held.
func (s *Session) stop(code StopCode, reason string) {
	s.stopped = true
	s.wakeDrained()
	for _, c := range s.waiting {
		close(c.done)
	}
	for _, q := range s.queue {
		if q.answered != nil {
			close(q.answered)
		}
	}
	s.waiting, s.queue = nil, nil
	go s.conn.Close(code, reason) // not here: nothing is written under the lock; ends on its own
}

// Stopped reports whether Stop was called or the session ended on its own.
func (s *Session) Stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}
