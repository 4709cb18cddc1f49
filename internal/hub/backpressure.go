package hub

// Backpressure returns nil while the session's queue, with what is held back, is less than half
// full, and otherwise a channel that is closed once it is again, or when the session ends. A device that causes more
// frames for itself waits for it, so that its session is not ended because of what it did itself.
func (s *Session) Backpressure() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || !s.halfFull() {
		return nil
	}
	if s.drained == nil {
		s.drained = make(chan struct{})
	}
	return s.drained
}

// The following must be called with the lock held.

func (s *Session) halfFull() bool {
	return len(s.queue)+len(s.held) > maxQueued/2 || s.bytes > maxQueuedBytes/2
}

// wakeDrained wakes those who wait for the queue to empty, if it has.
func (s *Session) wakeDrained() {
	if s.drained != nil && (s.stopped || !s.halfFull()) {
		close(s.drained)
		s.drained = nil
	}
}
