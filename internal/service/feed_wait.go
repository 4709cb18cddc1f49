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
	next    chan struct{} // closed when something was recorded here
	waiting int
	apps    map[chat.AppID]int
}

func newFeedWatch() *feedWatch {
	return &feedWatch{stopped: make(chan struct{}), next: make(chan struct{}), apps: map[chat.AppID]int{}}
}

// FeedRecorded says that this process has recorded events: see store.Store.FollowFeed.
func (s *Service) FeedRecorded() { s.feed.recorded() }

// EndWaits ends the waits for events, for good: a server that stops is not to wait for them.
func (s *Service) EndWaits() { s.feed.stop.Do(func() { close(s.feed.stopped) }) }

// recorded says that this process has recorded events. It does not block.
func (w *feedWatch) recorded() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting > 0 {
		close(w.next)
		w.next = make(chan struct{})
	}
}

// begin takes a place to wait in; ok is false where there is none.
func (w *feedWatch) begin(app chat.AppID) (end func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting >= maxFeedWaits || w.apps[app] >= maxFeedWaitsOfApp {
		return nil, false
	}
	w.waiting++
	w.apps[app]++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waiting--
		if w.apps[app]--; w.apps[app] == 0 {
			delete(w.apps, app)
		}
	}, true
}

// changed is closed when something is recorded here from now on.
func (w *feedWatch) changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next
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
