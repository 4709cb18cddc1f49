package store

// Waiting is how many writes are in the queues. Tests wait for it before they go on.
func (s *Store) Waiting() int {
	n := 0
	for _, q := range s.writer.queues {
		n += len(q)
	}
	return n
}
