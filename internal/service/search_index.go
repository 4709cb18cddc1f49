package service

import (
	"context"
	"fmt"
	"time"

	"parlor/internal/chat"
	"parlor/internal/search"
	"parlor/internal/store"
)

const (
	// searchVersion changes with the terms that texts have, so that an older index is made anew.
	searchVersion = 1
	// searchEvents and searchMessages are read, and put into the index, at a time.
	searchEvents   = 200
	searchMessages = 200
	// tellSearchEvery is how often it is said how far the making of an index is.
	tellSearchEvery = 10 * time.Second
)

// begin goes on where the index is, or begins it anew where it does not belong to the database as that is now.
func (f *follower) begin(ctx context.Context) (err error) {
	built, err := f.builtOf(ctx)
	if err != nil {
		return err
	}
	if f.state, err = f.search.index.State(ctx); err != nil {
		return err
	}
	if f.places, err = f.search.index.Places(ctx); err != nil {
		return err
	}
	f.sweeping = true
	if f.state.Built == built {
		why, err := f.gap(ctx)
		if err != nil || why == "" {
			f.noteState()
			return err
		}
		return f.anew(ctx, built, why)
	}
	why := "it is of another database or version, or was not followed for a while"
	if f.state.Built == "" {
		why = "there is none"
	}
	return f.anew(ctx, built, why)
}

func (f *follower) builtOf(ctx context.Context) (string, error) {
	id, err := f.store.ID(ctx)
	return fmt.Sprintf("%s/%d", id, searchVersion), err
}

// gap says why the feeds do not go on where the index is, "" where they do. The event up to which it has got must be
// there: a database that was brought back from a backup has others in the place of those that came since.
func (f *follower) gap(ctx context.Context) (why string, err error) {
	feeds, err := f.store.Feeds(ctx)
	if err != nil {
		return "", err
	}
	for _, feed := range feeds {
		p := f.places[feed.App]
		switch {
		case p.Less(feed.Pruned):
			return "it is behind the events that are kept", nil
		case p.FeedPlace == feed.Pruned:
			continue
		}
		if there, err := f.store.HasEvent(ctx, feed.App, p); err != nil || !there {
			return "the database has another past than the one it was made from", err
		}
	}
	return "", nil
}

// anew begins to make the index from all messages. What the feeds hold from now on is followed meanwhile.
func (f *follower) anew(ctx context.Context, built, why string) error {
	horizon, err := f.store.Horizon(ctx)
	if err != nil {
		return err
	}
	feeds, err := f.store.Feeds(ctx)
	if err != nil {
		return err
	}
	f.places = map[chat.AppID]store.SearchPlace{}
	for _, feed := range feeds {
		if f.places[feed.App], err = f.store.LastEvent(ctx, feed, horizon); err != nil {
			return err
		}
	}
	last, err := f.store.LastMessage(ctx)
	if err != nil {
		return err
	}
	if f.search.index.Embedded() { // nothing of the old one is left in it
		if err := f.search.index.Remove(); err != nil {
			return err
		}
		if _, err := f.search.index.Open(ctx); err != nil {
			return err
		}
	}
	until := max(last, 1) // 0 would say that it is made
	if err := f.search.index.Begin(ctx, f.lease, built, until, f.places); err != nil {
		return err
	}
	f.state = store.SearchState{Built: built, Until: until}
	f.moved, f.begun, f.told = nil, time.Now(), time.Now()
	f.gone, f.left, f.sweeps = nil, nil, nil // it is made from what there is
	f.noteState()
	if last > 0 {
		f.log.Info("the search index is being made; searches are refused meanwhile", "why", why)
	}
	return nil
}

// follow reads what is new in the feeds. more says that there is more.
func (f *follower) follow(ctx context.Context) (more bool, err error) {
	f.search.mu.Lock()
	behind := f.search.behind
	f.search.mu.Unlock()
	horizon, err := f.store.Horizon(ctx)
	if err != nil {
		return false, err
	}
	if horizon == f.horizon && time.Since(f.looked) < searchApps {
		if f.search.index.Embedded() { // what was just recorded is read already; elsewhere it may be above the horizon
			f.search.caughtUp(behind)
		}
		return false, nil
	}
	feeds, err := f.store.Feeds(ctx)
	if err != nil {
		return false, err
	}
	f.looked = time.Now()
	f.leave(feeds)
	for _, feed := range feeds {
		if f.places[feed.App].Less(feed.Pruned) {
			return false, f.lost(ctx)
		}
		if !f.places[feed.App].Less(feed.Last) {
			continue
		}
		left, err := f.followApp(ctx, feed.App, horizon)
		if err != nil {
			return false, err
		}
		more = more || left
	}
	if !more {
		f.horizon = horizon
		f.search.caughtUp(behind)
	}
	return more, nil
}

// caughtUp notes that what was stored since a time has been looked at.
func (s *searcher) caughtUp(behind time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.behind.Equal(behind) { // nothing was noted since
		s.behind = time.Time{}
	}
}

// lost begins anew, since events are no longer kept that were not read.
func (f *follower) lost(ctx context.Context) error {
	return f.anew(ctx, f.state.Built, "it is behind the events that are kept")
}

// followApp reads some events of an App.
func (f *follower) followApp(ctx context.Context, app chat.AppID, horizon int64) (more bool, err error) {
	place := f.places[app]
	events, err := f.store.FeedEvents(ctx, app, place.FeedPlace, horizon, searchEvents)
	if err != nil || len(events) == 0 {
		return false, err
	}
	pruned, err := f.store.FeedPruned(ctx, app)
	if err != nil {
		return false, err
	}
	if place.Less(pruned) {
		return false, f.lost(ctx)
	}
	last := &events[len(events)-1]
	f.places[app] = store.SearchPlace{FeedPlace: last.FeedPlace, At: last.At}
	if f.moved == nil {
		f.moved = map[chat.AppID]store.SearchPlace{}
	}
	f.moved[app] = f.places[app]
	sources, err := f.changed(ctx, app, events)
	if err == nil && len(sources) > 0 {
		err = f.put(ctx, sources, store.SearchChange{})
	}
	return len(events) == searchEvents, err
}

// changed loads the messages that events are about, as they are now, and notes which rooms are to be swept.
func (f *follower) changed(ctx context.Context, app chat.AppID, events []chat.FeedEvent) ([]store.SearchSource, error) {
	var keys [][2]int64
	seen := map[[2]int64]bool{}
	for i := range events {
		e := &events[i]
		switch e.Kind {
		case chat.FeedMessageExpired:
			if f.search.index.Embedded() {
				f.sweeps = append(f.sweeps, store.SearchSweep{App: app, Room: e.Room, Until: e.Data.Until})
			}
		case chat.FeedMessageCreated, chat.FeedMessageUpdated, chat.FeedMessageDeleted:
			if k := [2]int64{int64(e.Room), e.Time}; !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return f.store.SearchSources(ctx, app, keys)
}

// put brings messages in the index to what they are now, and stores the places of the feeds with that.
func (f *follower) put(ctx context.Context, sources []store.SearchSource, ch store.SearchChange) error {
	for i := range sources {
		m := &sources[i]
		if _, ok := f.places[m.App]; ok && m.Findable { // else its App was deleted, or it has an event that comes yet
			text, err := plainBody(f.dialect, m.LocalID, m.Body)
			if err != nil {
				return err
			}
			if m.Terms = search.Terms(text); len(m.Terms) > 0 {
				ch.Docs = append(ch.Docs, m.SearchDoc)
				continue
			}
		}
		ch.Gone = append(ch.Gone, m.ID)
	}
	ch.Places, ch.Sweeps = f.moved, f.sweeps
	if err := f.search.index.Apply(ctx, f.lease, ch); err != nil {
		return err
	}
	f.moved, f.sweeps, f.stored = nil, nil, time.Now()
	f.sweeping = f.sweeping || len(ch.Sweeps) > 0
	f.search.mu.Lock()
	defer f.search.mu.Unlock()
	f.search.stats.Indexed += int64(len(ch.Docs))
	return nil
}

// storePlaces stores up to where the feeds were read, where no message was among that: at once, or when that was
// not done for a while.
func (f *follower) storePlaces(ctx context.Context, now bool) error {
	if len(f.moved) == 0 || !now && time.Since(f.stored) < searchKeepPlace {
		return nil
	}
	return f.put(ctx, nil, store.SearchChange{})
}

// makePart puts some messages, in the order of their ids, into an index that is not whole.
func (f *follower) makePart(ctx context.Context) error {
	sources, err := f.store.SearchSourcesBehind(ctx, f.state.Position, searchMessages)
	if err != nil {
		return err
	}
	position := f.state.Position
	if n := len(sources); n > 0 {
		position = sources[n-1].ID
	}
	made := len(sources) < searchMessages || position >= f.state.Until
	if err := f.put(ctx, sources, store.SearchChange{Position: position, Made: made}); err != nil {
		return err
	}
	f.state.Position = position
	if made {
		f.state.Until = 0
	}
	f.noteState()
	switch {
	case made && position > 0:
		f.log.Info("the search index is made", "took", time.Since(f.begun).Round(time.Millisecond))
	case time.Since(f.told) > tellSearchEvery:
		f.log.Info("the search index is being made", "message", int64(position), "of", int64(f.state.Until))
		f.told = time.Now()
	}
	return nil
}

func (f *follower) noteState() {
	f.search.mu.Lock()
	defer f.search.mu.Unlock()
	f.search.stats.Building, f.search.stats.Position, f.search.stats.Until = f.state.Building(), f.state.Position, f.state.Until
}
