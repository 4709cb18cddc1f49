package hub

import (
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// maxHold bounds how long frames are kept back.
const maxHold = 2 * time.Second

// Hold keeps back what is sent to a device's sessions here while it is handed messages by
// a call, so that nothing older comes after them. release ends that: handed is what the call
// has handed out of changes below a number, empty if it has failed. From that number on the
// session tells of everything; whether the device has what was before, the call will know.
func (h *Hub) Hold(app chat.AppID, user chat.UserID, name string) (release func(handed device.Known, below int64)) {
	sessions := h.sessionsOf(app, user, name)
	for _, s := range sessions {
		s.Hold()
	}
	return func(handed device.Known, below int64) {
		for _, s := range sessions {
			s.Ahead(handed, below)
			s.Release()
		}
	}
}

// Hold keeps back what is sent until Release is called, as often.
func (s *Session) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds++
	if s.holds == 1 {
		time.AfterFunc(maxHold, func() { // a call that takes longer has what is older come late
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sendHeld()
		})
	}
}

// Release ends a Hold.
func (s *Session) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holds--; s.holds == 0 {
		s.sendHeld()
	}
}

// sendHeld must be called with the lock held.
func (s *Session) sendHeld() {
	if len(s.held) == 0 || s.stopped {
		return
	}
	for _, f := range s.held {
		s.queue = append(s.queue, queued{frame: f})
	}
	s.held = nil
	s.startWriting()
}

// Ahead notes what the device was handed of changes below a number, otherwise than by live
// frames: of it only what is newer is still sent.
func (s *Session) Ahead(handed device.Known, below int64) {
	if len(handed) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ahead == nil {
		s.ahead = device.Known{}
	}
	s.ahead.Add(handed)
	s.began = max(s.began, below)
}

// stale reports whether the device was handed what a frame shows, or newer, otherwise. It
// must be called with the lock held.
func (s *Session) stale(f *Frame) bool {
	if len(s.ahead) == 0 || len(f.Shown) == 0 || f.Fed {
		return false
	}
	for _, m := range f.Shown {
		if has, ok := s.ahead[m.Message]; !ok || has.Number < m.Seen.Number {
			return false
		}
	}
	return true
}
