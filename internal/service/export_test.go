package service

import (
	"context"
	"errors"
)

// Sweep does once what SweepFiles does again and again.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepLeft(ctx), s.sweepStrays(ctx))
}
