package serverapi

import (
	"context"
	"time"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

const (
	// maxFeedWait bounds how long events/list waits, in seconds.
	maxFeedWait = 30
	// feedNow is the cursor of those who only want what comes.
	feedNow = "now"
	maxTags = 20
)

// feedQuery is what events/list is asked for.
type feedQuery struct {
	after  chat.FeedPlace
	now    bool
	filter service.FeedFilter
	sealed bool
	limit  int
	wait   time.Duration
}

func readFeedQuery(p *httpapi.Params) (q feedQuery, err error) {
	text := p.TextOr("cursor", 40)
	var ok bool
	if q.now = text == feedNow; !q.now {
		if q.after, ok = chat.ParseFeedPlace(text); !ok {
			p.Fail(chat.Invalid("cursor", "must be one that events/list has answered, or now"))
		}
	}
	q.filter = readFeedFilter(p)
	q.sealed = p.Flag("sealed")
	q.limit = p.IntOr("limit", 100, 1, service.MaxFeedPage)
	q.wait = time.Duration(p.IntOr("wait", 0, 0, maxFeedWait)) * time.Second
	return q, p.Err()
}

// readFeedFilter reads which events somebody wants.
func readFeedFilter(p *httpapi.Params) (f service.FeedFilter) {
	for _, name := range p.Texts("types", len(chat.FeedKinds), 50) {
		k, ok := chat.ParseFeedKind(name)
		if !ok {
			p.Fail(chat.Invalid("types", "has %q, which is no type of events", name))
		}
		f.Kinds = append(f.Kinds, k)
	}
	f.RoomTags = p.Texts("roomTags", maxTags, chat.MaxTag)
	for _, n := range p.Ints("roomTypes", 10, int64(chat.Personal), int64(chat.Transaction)) {
		f.RoomTypes = append(f.RoomTypes, chat.RoomType(n))
	}
	return f
}

func awaitEvents(ctx context.Context, b service.Backend, p *httpapi.Params) error {
	q, err := readFeedQuery(p)
	if err != nil || q.wait == 0 {
		return err
	}
	if q.now {
		return nil // answered at once: the cursor is what such a caller lacks
	}
	ctx, cancel := context.WithTimeout(ctx, q.wait)
	defer cancel()
	b.AwaitEvents(ctx, q.after, q.filter)
	return nil
}

func events(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	q, err := readFeedQuery(p)
	if err != nil {
		return nil, err
	}
	if q.now {
		end, err := b.FeedEnd(ctx)
		return wire.Feed{Cursor: end}, err
	}
	page, err := b.Events(ctx, q.after, q.filter, q.sealed, q.limit)
	return wire.Feed{Events: page.Events, Cursor: page.Cursor, More: page.More, URL: b.FileURL}, err
}
