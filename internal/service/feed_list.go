package service

import (
	"context"
	"slices"

	"parlor/internal/chat"
)

const (
	// MaxFeedPage bounds the events of one page.
	MaxFeedPage = 500
	// feedBytes ends a page whose events have about so many bytes.
	feedBytes = 2 << 20
	// feedScan bounds the events that are looked at for one page: what a filter leaves out costs, too.
	feedScan = 10_000
	// feedRead is how many are read, and feedShow how many are shown, at a time.
	feedRead = 500
	feedShow = 50
)

// FeedFilter says which events somebody wants. An empty list is no condition.
type FeedFilter struct {
	Kinds     []chat.FeedKind
	RoomTags  []string // one of which the event's room has
	RoomTypes []chat.RoomType
}

// WantsKind reports whether events of a kind pass, as far as that decides.
func (f *FeedFilter) WantsKind(k chat.FeedKind) bool {
	return len(f.Kinds) == 0 || slices.Contains(f.Kinds, k)
}

// Wants reports whether an event passes.
func (f *FeedFilter) Wants(v *chat.FeedView) bool {
	if !f.WantsKind(v.Kind) {
		return false
	}
	if len(f.RoomTags)+len(f.RoomTypes) == 0 {
		return true
	}
	if v.Room == nil {
		return false
	}
	tagged := len(f.RoomTags) == 0 || slices.ContainsFunc(v.Room.Tags, func(t string) bool { return slices.Contains(f.RoomTags, t) })
	return tagged && (len(f.RoomTypes) == 0 || slices.Contains(f.RoomTypes, v.Room.Type))
}

// FeedPage is a part of an App's feed. Cursor is where the next one begins.
type FeedPage struct {
	Events []chat.FeedView
	Cursor chat.FeedPlace
	More   bool // there are events behind the cursor already
}

// Events lists events of the App behind a place that pass a filter, up to limit. Of a place whose
// next events are no longer kept, and of one that is ahead of the feed, it is CodeConflict.
func (b Backend) Events(
	ctx context.Context, after chat.FeedPlace, f FeedFilter, sealed bool, limit int,
) (page FeedPage, err error) {
	page.Cursor = after
	horizon, next, err := b.store.Reach(ctx)
	if err == nil && after.Number >= next {
		err = chat.Errorf(chat.CodeConflict, "The cursor is of a later state of the database, which has been restored; "+
			"leave it out to begin with the oldest event that is kept")
	}
	if err != nil {
		return page, err
	}
	bytes := 0
	for scanned := 0; scanned < feedScan; scanned += feedRead {
		list, err := b.store.FeedEvents(ctx, b.app.ID, page.Cursor, horizon, feedRead)
		if err == nil {
			err = b.unpruned(ctx, page.Cursor)
		}
		if err != nil {
			return page, err
		}
		for part := range slices.Chunk(list, feedShow) {
			last := part[len(part)-1].FeedPlace
			part = slices.DeleteFunc(slices.Clone(part), func(e chat.FeedEvent) bool { return !f.WantsKind(e.Kind) })
			views, err := b.showFeed(ctx, b.app.ID, part, sealed)
			if err != nil {
				return page, err
			}
			for i := range views {
				v := &views[i]
				if !f.Wants(v) {
					page.Cursor = v.FeedPlace
					continue
				}
				if size := feedSize(v); len(page.Events) == limit || len(page.Events) > 0 && bytes+size > feedBytes {
					page.More = true
					return page, nil
				} else {
					bytes += size
				}
				page.Events, page.Cursor = append(page.Events, *v), v.FeedPlace
			}
			page.Cursor = last
		}
		if len(list) < feedRead {
			return page, nil
		}
	}
	page.More = true
	return page, nil
}

// unpruned is CodeConflict where events behind a place are no longer kept. It goes behind the reading: what
// was forgotten meanwhile would be missing without a word.
func (b Backend) unpruned(ctx context.Context, after chat.FeedPlace) error {
	pruned, err := b.store.FeedPruned(ctx, b.app.ID)
	if err == nil && after != (chat.FeedPlace{}) && after.Less(pruned) {
		err = chat.Errorf(chat.CodeConflict,
			"The events behind this cursor are no longer kept; leave it out to begin with the oldest that are")
	}
	return err
}

// feedSize is about what an event takes, in bytes.
func feedSize(v *chat.FeedView) int {
	size := 1500 + 100*(len(v.Users)+len(v.Receipts))
	if m := v.Message; m != nil {
		size += len(m.Body) + len(m.Data) + len(m.Quote.Content)
	}
	return size
}

// FeedEnd is the place behind all events of today: what happens from now on is behind it.
func (b Backend) FeedEnd(ctx context.Context) (chat.FeedPlace, error) { return b.store.FeedEnd(ctx) }

// AwaitEvents waits until there is an event behind a place, or ctx ends, or too many wait already.
func (b Backend) AwaitEvents(ctx context.Context, after chat.FeedPlace, f FeedFilter) {
	waits, end, ok := b.feed.begin(b.app.ID)
	if !ok {
		return
	}
	defer end()
	for {
		changed := b.feed.changed(waits)
		if found, at, err := b.anyEvent(ctx, after, f); err != nil || found {
			return
		} else {
			after = at
		}
		if !b.feed.wait(ctx, changed) {
			return
		}
	}
}

// anyEvent reports whether there is an event behind a place, of the kinds that are wanted, and how
// far it has looked.
func (b Backend) anyEvent(ctx context.Context, after chat.FeedPlace, f FeedFilter) (bool, chat.FeedPlace, error) {
	horizon, err := b.store.Horizon(ctx)
	if err != nil {
		return false, after, err
	}
	list, err := b.store.FeedEvents(ctx, b.app.ID, after, horizon, feedRead)
	if err != nil || len(list) == feedRead {
		return true, after, err
	}
	for i := range list {
		if f.WantsKind(list[i].Kind) {
			return true, after, nil
		}
		after = list[i].FeedPlace
	}
	return false, after, nil
}
