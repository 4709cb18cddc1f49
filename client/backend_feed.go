package client

import (
	"context"
	"iter"
	"time"
)

const (
	// maxFeedWait is how long the server waits for an event.
	maxFeedWait = 30 * time.Second
	// earlyAnswer is before when a wait that ends without an event was no wait, and earlyPause for how
	// long the server is then left alone.
	earlyAnswer = time.Second
	earlyPause  = 200 * time.Millisecond
	// maxFeedPause bounds the pause between two attempts while the server is away.
	maxFeedPause = 15 * time.Second
)

// FeedFromNow is the Cursor of those who want what happens from now on.
const FeedFromNow = "now"

// FeedFilter says which events to read, and from where on. An empty list is no condition.
type FeedFilter struct {
	// Cursor is where to go on: FeedPage.Cursor of the last page that was dealt with. "" begins with the
	// oldest event that is kept, FeedFromNow with what is to come.
	Cursor    string     `json:"cursor,omitzero"`
	Types     []FeedType `json:"types,omitzero"`
	RoomTags  []string   `json:"roomTags,omitzero"` // one of which the event's room has
	RoomTypes []RoomType `json:"roomTypes,omitzero"`
	Sealed    bool       `json:"sealed,omitzero"` // leave texts enciphered
	Limit     int        `json:"limit,omitzero"`  // events of a page, up to 500; 0 means 100
}

// FeedPage is a part of the feed.
type FeedPage struct {
	Events []FeedEvent
	Cursor string // behind it
	More   bool   `json:"hasMore"` // there may be more already
}

// EventPage reads one page of the feed. Where there is no event it waits for one, for up to wait, which is
// rounded down to seconds, 30 at most; then the page is empty. A cursor whose next events are no longer kept is
// CodeConflict.
func (b *Backend) EventPage(ctx context.Context, f FeedFilter, wait time.Duration) (page FeedPage, err error) {
	in := struct {
		FeedFilter
		Wait int `json:"wait,omitzero"`
	}{f, int(min(wait, maxFeedWait) / time.Second)}
	return page, b.do(ctx, "events/list", in, &page)
}

// Events reads the feed, page by page, and waits for what is to come, until the loop or ctx ends. No page is
// empty. Store a page's Cursor once its events are dealt with, best in the same transaction, and begin with it
// after a restart: no event is missed then.
//
//	for page, err := range backend.Events(ctx, client.FeedFilter{Cursor: stored}) {
//		if err != nil {
//			return err
//		}
//		// deal with page.Events, and store page.Cursor
//	}
//
// While the server is away it is tried again, with growing pauses. The error is what ends the loop: ctx's, or a
// refusal, of which CodeConflict says that the events behind the cursor are no longer kept.
func (b *Backend) Events(ctx context.Context, f FeedFilter) iter.Seq2[FeedPage, error] {
	wait := maxFeedWait
	if t := b.server.http.Timeout; t > 0 { // the wait must end before the patience does
		wait = min(wait, t/2)
	}
	return func(yield func(FeedPage, error) bool) {
		for failures := 0; ; {
			began := time.Now()
			page, err := b.EventPage(ctx, f, wait)
			switch {
			case ctx.Err() != nil:
				yield(FeedPage{}, ctx.Err())
				return
			case err != nil && !repeatable(err, false):
				yield(FeedPage{}, err)
				return
			case err != nil:
				failures++
				sleep(ctx, max(min(pauseAfter(failures), maxFeedPause), retryAfter(err)))
				continue
			}
			failures = 0
			first := f.Cursor == FeedFromNow
			f.Cursor = page.Cursor
			switch {
			case len(page.Events) > 0:
				if !yield(page, nil) {
					return
				}
			case !first && !page.More && time.Since(began) < earlyAnswer:
				sleep(ctx, earlyPause) // too many wait already, or what came is of other rooms
			}
		}
	}
}
