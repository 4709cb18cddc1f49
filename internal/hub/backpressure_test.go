package hub_test

import (
	"testing"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// narrow is a connection that takes a frame whenever the test lets it.
type narrow struct{ take, closed chan struct{} }

func (c narrow) WriteFrames([]*hub.Frame) error { <-c.take; return nil }
func (c narrow) Ping(uint64) error              { return nil }
func (c narrow) Close(hub.StopCode, string)     { close(c.closed) }
func (c narrow) Behind()                        {}
func waits(c <-chan struct{}) bool              { return c != nil && !isClosed(c) }
func isClosed(c <-chan struct{}) (closed bool)  { return received(c) }
func received(c <-chan struct{}) (something bool) {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestBackpressure: whoever waits for a session to have room waits while much is queued, and no
// longer: neither when it is written nor when the session ends.
func TestBackpressure(t *testing.T) {
	for name, frames := range map[string]struct{ n, size int }{"many": {300, 10}, "large": {10, 200 << 10}} {
		t.Run(name, func(t *testing.T) {
			c := narrow{make(chan struct{}), make(chan struct{})}
			s := hub.NewSession(c, chat.Caller{})
			if s.Backpressure() != nil {
				t.Fatal("an empty queue counts as full")
			}
			for range frames.n {
				s.Send(hub.NewFrame(make([]byte, frames.size)))
			}
			drained := s.Backpressure()
			if !waits(drained) {
				t.Fatal("a full queue counts as empty")
			}
			for waits(drained) {
				select {
				case c.take <- struct{}{}:
				case <-drained:
				}
			}
			if s.Backpressure() != nil {
				t.Error("there is room, and it is not seen")
			}
			for range frames.n / 3 {
				s.Send(hub.NewFrame(make([]byte, frames.size)))
			}
			drained = s.Backpressure()
			s.Stop(hub.StopAway, "")
			<-drained
			<-c.closed
			if s.Backpressure() != nil {
				t.Error("one waits for a session that has ended")
			}
			close(c.take)
		})
	}
}
