package bench

import (
	"context"
	"sync"
)

// readLoad is told with a backend that reads the feed, and waits where there is nothing.
func (g *rig) readLoad(ctx context.Context) (load, error) {
	t, heard, err := g.toldServer(ctx, "read", 1)
	if err != nil {
		return load{}, err
	}
	first, err := g.readFeed(ctx, t, nil, "now")
	if err != nil {
		return load{}, err
	}
	reading, cancel := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { // ends with the row; what it misses then, the round reports
		cursor := first
		for reading.Err() == nil {
			next, err := g.readFeed(reading, t, heard, cursor)
			if err != nil {
				return
			}
			cursor = next
		}
	})
	g.closers = append(g.closers, func() error { cancel(); reader.Wait(); return nil })
	return g.told("read from the feed", "one backend reads it with events/list, waiting", t, heard), nil
}

// readFeed reads one page of the feed, and returns where the next one begins.
func (g *rig) readFeed(ctx context.Context, t target, heard *hearing, cursor string) (next string, err error) {
	answer, err := once(ctx, t.call("events/list"), map[string]any{
		"cursor": cursor, "types": toldTypes, "limit": 500, "wait": 10,
	})
	if err != nil {
		return "", err
	}
	var page struct {
		Events []toldEvent
		Cursor string
	}
	if err := decodeData(answer, &page); err != nil {
		return "", err
	}
	for _, e := range page.Events {
		heard.hear(e)
	}
	return page.Cursor, nil
}
