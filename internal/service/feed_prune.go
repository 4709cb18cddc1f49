package service

import (
	"context"
	"log/slog"
	"time"

	"parlor/internal/webhook"
)

const (
	// pruneFeedEvery is how often a node looks for events that are old, and prunePause how long it
	// leaves other writers alone in between.
	pruneFeedEvery = time.Minute
	prunePause     = 20 * time.Millisecond
)

// PruneFeeds forgets, until ctx ends, events that are older than keep, and dead letters of webhooks that
// are older than webhook.KeepDead. Where keep is 0, what was recorded before is forgotten, too.
func (s *Service) PruneFeeds(ctx context.Context, keep time.Duration, log *slog.Logger) error {
	tick := time.NewTicker(pruneFeedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := s.pruneFeeds(ctx, keep); err != nil && ctx.Err() == nil {
			log.Warn("old events could not be forgotten; it is tried again", "error", err)
		}
	}
}

func (s *Service) pruneFeeds(ctx context.Context, keep time.Duration) error {
	apps, err := s.store.Apps(ctx)
	if err != nil {
		return err
	}
	for _, app := range apps {
		before := s.now().Add(-keep).UnixMilli()
		err := s.untilDone(ctx, func() (bool, error) { return s.store.PruneFeed(ctx, app.ID, before) })
		if err != nil {
			return err
		}
		hooks, err := s.store.Webhooks(ctx, app.ID)
		if err != nil {
			return err
		}
		dead := s.now().Add(-webhook.KeepDead).UnixMilli()
		for _, w := range hooks {
			if err := s.untilDone(ctx, func() (bool, error) { return s.store.DropDead(ctx, w.ID, dead) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// untilDone repeats a small write as long as there is more to do.
func (s *Service) untilDone(ctx context.Context, do func() (more bool, err error)) error {
	for {
		more, err := do()
		if err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(prunePause):
		}
	}
}
