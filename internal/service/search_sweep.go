package service

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// leave has the words go of Apps that have no feed any more, since they were deleted. That an App has a place in the
// index says that this is to be done, or was not done to its end.
func (f *follower) leave(feeds []store.AppFeed) {
	for app := range f.places {
		if !slices.ContainsFunc(feeds, func(feed store.AppFeed) bool { return feed.App == app }) {
			delete(f.places, app)
			delete(f.moved, app)
			f.gone = append(f.gone, store.SearchSweep{App: app})
		}
	}
}

// sweep takes some messages out of the index that are gone from the store without an event of each: those of Apps
// that were deleted, and those that a rule of retention has removed. more says that there may be others.
func (f *follower) sweep(ctx context.Context) (more bool, err error) {
	if len(f.gone) > 0 {
		return true, f.sweepApp(ctx)
	}
	if !f.sweeping {
		return false, nil
	}
	s, ok, err := f.search.index.NextSweep(ctx)
	if err != nil || !ok {
		f.sweeping = err != nil
		return false, err
	}
	return true, f.sweepRoom(ctx, s)
}

// sweepApp is sweep for one App. Its place goes last: in a file when none of its words is left in that.
func (f *follower) sweepApp(ctx context.Context) error {
	s := &f.gone[0]
	if f.search.index.Embedded() {
		ids, err := f.search.index.Sweep(ctx, *s, searchMessages)
		if err != nil {
			return err
		}
		if n := len(ids); n > 0 {
			s.After = ids[n-1]
			return f.search.index.Apply(ctx, f.lease, store.SearchChange{Gone: ids})
		}
		f.left = append(f.left, s.App)
	} else if err := f.search.index.Apply(ctx, f.lease, store.SearchChange{Left: []chat.AppID{s.App}}); err != nil {
		return err
	}
	f.gone = f.gone[1:]
	return nil
}

// sweepRoom is sweep for one room.
func (f *follower) sweepRoom(ctx context.Context, s store.SearchSweep) error {
	ids, err := f.search.index.Sweep(ctx, s, searchMessages)
	if err != nil {
		return err
	}
	there, err := f.store.MessagesThere(ctx, s.App, ids)
	if err != nil {
		return err
	}
	if s.After = 0; len(ids) == searchMessages {
		s.After = ids[len(ids)-1]
	}
	gone := slices.DeleteFunc(ids, func(id chat.MessageID) bool { return there[id] })
	return f.search.index.Apply(ctx, f.lease, store.SearchChange{Gone: gone, Swept: &s})
}
