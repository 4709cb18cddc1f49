package service

import (
	"context"
	"sync"
	"time"

	"parlor/internal/chat"
)

const (
	// feedPoll is how late a node learns of events that another one has recorded.
	feedPoll = 200 * time.Millisecond
	// feedRest is how long those who wait are left alone at least, when there is much to tell.
	feedRest = 20 * time.Millisecond
	// maxFeedWaits and maxFeedWaitsOfApp bound the calls that wait for events on this node.
	maxFeedWaits      = 1000
	maxFeedWaitsOfApp = 100
)

// feedWatch wakes whoever waits for events.
type feedWatch struct {
	stop    sync.Once
	stopped chan struct{} // closed when nobody is to wait any more

	mu      sync.Mutex
	waiting int
	apps    map[chat.AppID]*feedWaits // those of whose events somebody waits for
}

// feedWaits is who waits for an App's events.
type feedWaits struct {
	n    int
	next chan struct{} // closed when something was recorded here
}

func newFeedWatch() *feedWatch {
	return &feedWatch{stopped: make(chan struct{}), apps: map[chat.AppID]*feedWaits{}}
}

// FeedRecorded says that this process has recorded events of Apps: see store.Store.FollowFeed.
func (s *Service) FeedRecorded(apps []chat.AppID) { s.feed.recorded(apps) }

// EndWaits ends the waits for events, for good: a server that stops is not to wait for them.
func (s *Service) EndWaits() { s.feed.stop.Do(func() { close(s.feed.stopped) }) }

// recorded says that this process has recorded events of Apps. It does not block.
func (w *feedWatch) recorded(apps []chat.AppID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, app := range apps {
		if of := w.apps[app]; of != nil {
			close(of.next)
			of.next = make(chan struct{})
		}
	}
}

// begin takes a place to wait in; ok is false where there is none.
func (w *feedWatch) begin(app chat.AppID) (of *feedWaits, end func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if of = w.apps[app]; of == nil {
		of = &feedWaits{next: make(chan struct{})}
	}
	if w.waiting >= maxFeedWaits || of.n >= maxFeedWaitsOfApp {
		return nil, nil, false
	}
	w.apps[app] = of
	w.waiting++
	of.n++
	return of, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waiting--
		if of.n--; of.n == 0 {
			delete(w.apps, app)
		}
	}, true
}

// changed is closed when something of the App is recorded here from now on.
func (w *feedWatch) changed(of *feedWaits) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return of.next
}

// wait waits until there may be new events; false at the end of ctx, or of all waits.
func (w *feedWatch) wait(ctx context.Context, changed <-chan struct{}) bool {
	poll, rest := time.NewTimer(feedPoll), time.NewTimer(feedRest)
	defer poll.Stop()
	defer rest.Stop()
	select {
	case <-changed:
	case <-poll.C:
	case <-w.stopped:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case <-rest.C:
		return true
	case <-w.stopped:
		return false
	case <-ctx.Done():
		return false
	}
}
