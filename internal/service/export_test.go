package service

import (
	"context"
	"errors"

	"parlor/internal/chat"
)

// Sweep does once what SweepFiles does again and again.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepLeft(ctx), s.sweepStrays(ctx))
}

// DeleteIn is what DeleteMessages does once it has found in which rooms the messages are.
func (b Backend) DeleteIn(ctx context.Context, room chat.RoomID, ids []chat.MessageID) ([]chat.MessageID, error) {
	return b.deleteIn(ctx, room, ids)
}
