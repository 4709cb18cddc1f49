package store

import "context"

// heavily runs a part of a long read. Only so many of those run at the same time that
// connections are left for reads that are short, and between two parts others have a turn.
func (s *Store) heavily(ctx context.Context, read func() error) error {
	select {
	case s.heavy <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-s.heavy }()
	return read()
}
