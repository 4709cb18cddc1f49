package service

import (
	"context"
	"log/slog"
	"time"
)

// recordsInterval is how often a node looks for records that are kept no longer.
const recordsInterval = 10 * time.Minute

// PruneRecords forgets, until ctx ends, the answers of calls whose keys are known no more, what is finished of
// backends' work on many messages and, where
// auditFor is not 0, entries of the audit log that are older. Any number of nodes may do so side by side.
func (s *Service) PruneRecords(ctx context.Context, auditFor time.Duration, log *slog.Logger) error {
	tick := time.NewTicker(recordsInterval)
	defer tick.Stop()
	for {
		if err := s.pruneRecords(ctx, auditFor); err != nil && ctx.Err() == nil {
			log.Warn("old records could not be forgotten; that is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Service) pruneRecords(ctx context.Context, auditFor time.Duration) (err error) {
	for more := true; more && err == nil; {
		more, err = s.store.PruneCalls(ctx)
	}
	for more := true; more && err == nil; {
		more, err = s.store.PruneBroadcasts(ctx, s.now().Add(-KeepBroadcasts).UnixMilli())
	}
	for more := true; more && err == nil; {
		more, err = s.store.PruneDeletions(ctx, s.now().Add(-KeepDeletions).UnixMilli())
	}
	for more := auditFor > 0; more && err == nil; {
		more, err = s.store.PruneAudit(ctx, s.now().Add(-auditFor))
	}
	return err
}
