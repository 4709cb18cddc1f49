package service

import (
	"context"

	"parlor/internal/chat"
)

// WebhookEvents shows events as a webhook is told them; false for those that it does not want.
func (s *Service) WebhookEvents(
	ctx context.Context, w *chat.Webhook, events []chat.FeedEvent,
) (views []chat.FeedView, wanted []bool, err error) {
	f := FeedFilter{Kinds: w.Kinds, RoomTags: w.RoomTags, RoomTypes: w.RoomTypes}
	wanted = make([]bool, len(events))
	var some []chat.FeedEvent
	var places []int
	for i, e := range events {
		if f.WantsKind(e.Kind) {
			some, places = append(some, e), append(places, i)
		}
	}
	shown, err := s.showFeed(ctx, w.App, some, w.Sealed)
	if err != nil {
		return nil, nil, err
	}
	views = make([]chat.FeedView, len(events))
	for i, at := range places {
		views[at], wanted[at] = shown[i], f.Wants(&shown[i])
	}
	return views, wanted, nil
}
