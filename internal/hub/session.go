package hub

import (
	"sync"
	"time"

	"parlor/internal/chat"
)

const (
	// maxQueued and maxQueuedBytes bound what waits for a session. One that is slower is
	// ended; back again, it asks for what it has missed.
	maxQueued      = 512
	maxQueuedBytes = 2 << 20
)

// Frame is what one write sends. It is shared by all sessions that get it.
type Frame struct {
	Data []byte
	// After and Until, where set, keep the frame from sessions that began up to the one,
	// or later than the other.
	After, Until time.Time
	// Message and State, where set, are the message that the frame shows, and how. Original
	// says that nothing of it had changed: whoever knows the message knows that much.
	Message  chat.MessageID
	State    int64
	Original bool

	once     sync.Once
	prepared any
}

// NewFrame returns a frame of data, which must not be changed any more.
func NewFrame(data []byte) *Frame { return &Frame{Data: data} }

// Prepared returns what prepare makes of the data, made once for all sessions.
func (f *Frame) Prepared(prepare func([]byte) any) any {
	f.once.Do(func() { f.prepared = prepare(f.Data) })
	return f.prepared
}

// StopCode says why a session ended, as a WebSocket close code.
type StopCode int

// Why sessions end.
const (
	StopAway     StopCode = 1001 // the server goes
	StopPolicy   StopCode = 1008
	StopOverload StopCode = 1013 // too slow, or the server could not keep up
	StopToken    StopCode = 4001 // signed out, or the token has expired
)

// Conn is the connection of a session. Its methods are called from one goroutine at a
// time, but for Close.
type Conn interface {
	WriteFrame(f *Frame) error
	Ping() error
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

	conn Conn

	mu      sync.Mutex
	queue   []*Frame // nil stands for a ping
	bytes   int
	writing bool
	stopped bool
	handed  []handedFrame // in the order of writing
	news    bool          // something has arrived since Handed was called
	// answered, if set, is closed at the next answer to a ping.
	answered chan struct{}
	ebb      chan struct{} // if set, closed when the queue is half empty
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
	if s.beganBetween(f.After, f.Until) {
		s.push(f, len(f.Data))
	}
}

// beganBetween reports whether s began later than after and not later than until; either
// may be zero.
func (s *Session) beganBetween(after, until time.Time) bool {
	return (after.IsZero() || s.Since.After(after)) && (until.IsZero() || !s.Since.After(until))
}

// Ping queues a ping.
func (s *Session) Ping() { s.push(nil, 0) }

func (s *Session) push(f *Frame, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	if len(s.queue) >= maxQueued || s.bytes > 0 && s.bytes+size > maxQueuedBytes {
		s.stop(StopOverload, "too slow")
		return
	}
	s.queue = append(s.queue, f)
	s.bytes += size
	if !s.writing {
		s.writing = true
		go s.write() // ends when the queue is empty; an idle session has no writer
	}
}

// write sends what is queued.
func (s *Session) write() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.stopped {
			s.writing, s.queue, s.bytes = false, nil, 0
			s.sink()
			s.mu.Unlock()
			return
		}
		f := s.queue[0]
		s.queue[0] = nil
		s.queue = s.queue[1:]
		s.note(f) // before the device can have it, and act on it
		s.mu.Unlock()
		var err error
		if f == nil {
			err = s.conn.Ping()
		} else {
			err = s.conn.WriteFrame(f)
		}
		s.mu.Lock()
		if f != nil {
			s.bytes -= len(f.Data)
		}
		s.sink()
		if err != nil && !s.stopped {
			s.stop(StopOverload, "the connection is broken")
		}
		s.mu.Unlock()
	}
}

// Stop ends the session: its connection is closed, and its reader then finds it so.
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
	s.sink()
	go s.conn.Close(code, reason) // not here: nothing is written under the lock; ends on its own
}

// Stopped reports whether the session has been told to end.
func (s *Session) Stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}
