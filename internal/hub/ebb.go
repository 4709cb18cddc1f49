package hub

// Ebb returns nil while what waits for the session is less than half of what may, and
// otherwise a channel that is closed when it is again, or when the session ends. Whoever
// brings more about themselves waits for it, so that a session is not ended for its own
// device's doings.
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

// sink tells those who wait for it that less is in the queue.
func (s *Session) sink() {
	if s.ebb != nil && (s.stopped || !s.high()) {
		close(s.ebb)
		s.ebb = nil
	}
}
