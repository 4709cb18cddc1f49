package hub

import (
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// maxHold bounds how long a frame is kept back.
const maxHold = 2 * time.Second

// Hold keeps back what is sent to a device's sessions here while a call answers the device
// with messages, so that nothing older comes after them. release ends that: delivered is what
// the call has delivered of the changes below a number, empty if it failed. From that number
// on the session delivers everything; the call knows whether the device has what came before.
// If there is more, the session leaves out what comes until the device has been fed the rest.
func (h *Hub) Hold(app chat.AppID, user chat.UserID, name string) (
	release func(delivered device.Known, below int64, more bool),
) {
	sessions := h.sessionsOf(app, user, name)
	for _, s := range sessions {
		s.Hold()
	}
	return func(delivered device.Known, below int64, more bool) {
		for _, s := range sessions {
			s.Ahead(delivered, below)
			if more {
				s.BeginFeed()
			}
			s.Release()
		}
	}
}

// Hold keeps back what is sent until Release has been called as many times.
func (s *Session) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds++
	if s.holds == 1 {
		s.flushHeld()
	}
}

// flushHeld sends every maxHold what has been kept back, until the last Release: if a call
// takes longer, older frames may come after its answer. It must be called with the lock held.
func (s *Session) flushHeld() {
	var t *time.Timer
	t = time.AfterFunc(maxHold, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.flush == t && !s.stopped { // otherwise it was due when the hold ended
			s.sendHeld()
			t.Reset(maxHold)
		}
	})
	s.flush = t
}

// Release ends a Hold.
func (s *Session) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holds--; s.holds == 0 {
		s.flush.Stop()
		s.flush = nil
		s.sendHeld()
	}
}

// sendHeld must be called with the lock held.
func (s *Session) sendHeld() {
	if len(s.held) == 0 || s.stopped {
		return
	}
	for _, f := range s.held {
		if s.leavesOut(f) {
			s.bytes -= len(f.Data)
			continue
		}
		s.queue = append(s.queue, queued{frame: f})
	}
	s.held = nil
	s.startWriting()
}

// Ahead notes what of the changes below a number was delivered to the device other than by
// live frames: older states of those messages are not sent any more.
func (s *Session) Ahead(delivered device.Known, below int64) {
	if len(delivered) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ahead == nil {
		s.ahead = device.Known{}
	}
	s.ahead.Add(delivered)
	s.began = max(s.began, below)
}

// stale reports whether the device already has something newer than what a frame shows. It
// must be called with the lock held.
func (s *Session) stale(f *Frame) bool {
	if len(s.ahead)+len(s.given) == 0 || len(f.Shown) == 0 || f.Fed {
		return false
	}
	for _, m := range f.Shown {
		delivered, fed := s.ahead[m.Message], s.given[m.Message]
		if f.Late > 0 && fed.Number >= f.Late {
			continue // not as new again, as it looks by now: what has changed since comes as an update
		}
		// A number is not enough: on PostgreSQL a change may have that of the one before it.
		newer := fed.Number < m.Seen.Number || fed.Number == m.Seen.Number && fed.State < m.Seen.State
		if delivered.Number <= m.Seen.Number && newer {
			return false
		}
	}
	return true
}

// give notes what the device is fed. It must be called with the lock held.
func (s *Session) give(m Shown) {
	if s.given == nil {
		s.given = device.Known{}
	}
	s.given.Note(m.Message, m.Seen)
}

// BeginFeed has the session leave out messages and their changes: its device is fed them.
func (s *Session) BeginFeed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fed = true
}

// EndFeed ends what BeginFeed began, if the device has everything below a cursor and nothing
// beyond it was left out.
func (s *Session) EndFeed(cursor int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cursor < s.began {
		return false
	}
	s.fed = false
	return true
}

// leavesOut reports whether the device will be fed what a frame shows. It must be called with
// the lock held.
func (s *Session) leavesOut(f *Frame) bool {
	if !s.fed || f.Fed || len(f.Shown) == 0 {
		return false
	}
	for _, m := range f.Shown {
		s.began = max(s.began, m.Seen.Number+1)
	}
	return true
}
