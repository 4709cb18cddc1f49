package hub

// Ebb returns nil while the session's queue is less than half full, and otherwise a channel
// that is closed once it is again, or when the session ends. A device that causes more frames
// for itself waits for it, so that its session is not ended because of what it did itself.
func (s *Session) Ebb() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || !s.high() {
		return nil
	}
	if s.ebb == nil {
		s.ebb = make(chan struct{})
	}
	return s.ebb
}

// The following must be called with the lock held.

func (s *Session) high() bool { return len(s.queue) > maxQueued/2 || s.bytes > maxQueuedBytes/2 }

// sink wakes those who wait for the queue to empty, if it has.
func (s *Session) sink() {
	if s.ebb != nil && (s.stopped || !s.high()) {
		close(s.ebb)
		s.ebb = nil
	}
}
