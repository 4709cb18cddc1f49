package store

// Waiting is how many writes are in the queues. Tests wait for it before they go on.
func (s *Store) Waiting() int { return s.lanes.Waiting() }
