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

func waits(drained <-chan struct{}) bool {
	select {
	case <-drained:
		return false
	default:
		return true
	}
}

// fill sends frames until the session's queue counts as full, whatever its writer has taken along.
func fill(t *testing.T, s *hub.Session, size int) (drained <-chan struct{}) {
	t.Helper()
	for range 400 { // more than half a queue and a write
		s.Send(hub.NewFrame(make([]byte, size)))
		if drained = s.Backpressure(); drained != nil {
			return drained
		}
	}
	t.Fatal("a full queue counts as empty")
	return nil
}

// TestBackpressure: whoever waits for a session to have room waits while much is queued, and no
// longer: neither when it is written nor when the session ends.
func TestBackpressure(t *testing.T) {
	for name, size := range map[string]int{"many": 10, "large": 200 << 10} {
		t.Run(name, func(t *testing.T) {
			c := narrow{make(chan struct{}), make(chan struct{})}
			s := hub.NewSession(c, chat.Caller{})
			if s.Backpressure() != nil {
				t.Fatal("an empty queue counts as full")
			}
			drained := fill(t, s, size)
			for waits(drained) {
				select {
				case c.take <- struct{}{}:
				case <-drained:
				}
			}
			if s.Backpressure() != nil {
				t.Error("there is room, and it is not seen")
			}
			drained = fill(t, s, size)
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
