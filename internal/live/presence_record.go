package live

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// presenceSaves bounds the users that are taken at a time, and presenceAtOnce those of them that are
	// being stored.
	presenceSaves  = 200
	presenceAtOnce = 32
	// presenceBeat is how often a node shows that whom it has noted is there, and presenceGone after how
	// long without that they count as gone.
	presenceBeat = 10 * time.Second
	presenceGone = time.Minute
)

// presenceNotes is who has come to this node and gone from it, as it is yet to be stored. It keeps one entry
// a user: what is undone before it was stored never was.
type presenceNotes struct {
	mu    sync.Mutex
	list  map[chat.UserID]store.Presence
	ready chan struct{} // holds one entry when there is something to store
}

func newPresenceNotes() *presenceNotes {
	return &presenceNotes{list: map[chat.UserID]store.Presence{}, ready: make(chan struct{}, 1)}
}

func (n *presenceNotes) put(p store.Presence) {
	n.mu.Lock()
	n.list[p.User] = p
	n.mu.Unlock()
	select {
	case n.ready <- struct{}{}:
	default:
	}
}

// take takes some of the notes.
func (n *presenceNotes) take() (list []store.Presence) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, p := range n.list {
		if len(list) == presenceSaves {
			break
		}
		list = append(list, p)
		delete(n.list, id)
	}
	return list
}

// putBack puts notes back that could not be stored, but for those that are outdated.
func (n *presenceNotes) putBack(list []store.Presence) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range list {
		if _, newer := n.list[p.User]; !newer {
			n.list[p.User] = p
		}
	}
}

// savePresence stores who is connected here, for backends that are told of it, until ctx ends. Who was
// connected to a node that has died is gone after a minute, unless they have come back.
func (l *Live) savePresence(ctx context.Context) {
	beat := time.NewTicker(presenceBeat)
	defer beat.Stop()
	var since time.Time // this node has shown that it is alive without a gap; zero for not yet
	for {
		if since.IsZero() {
			since = l.beatPresence(since)
		}
		if !since.IsZero() { // a node that is not noted as alive has nobody
			l.storeNotes()
		}
		select {
		case <-ctx.Done():
			return
		case <-l.presence.notes.ready:
		case <-beat.C:
			// While the database was away the others could not show that they are alive either.
			if since = l.beatPresence(since); !since.IsZero() && time.Since(since) > presenceGone {
				l.clearPresence(ctx)
			}
		}
	}
}

// storeNotes stores what there is to store.
func (l *Live) storeNotes() {
	for {
		list := l.presence.notes.take()
		if len(list) == 0 {
			return
		}
		if failed, err := l.storeAll(l.presence.node, list, l.o.Store.SetPresence); err != nil {
			l.presence.notes.putBack(failed)
			l.o.Log.Warn("who has come and gone could not be stored; it is tried again", "error", err)
			return
		}
	}
}

// storeAll stores notes of a node, many at a time, so that they share commits, and returns those that could not
// be stored.
func (l *Live) storeAll(
	node string, list []store.Presence, do func(context.Context, string, store.Presence) error,
) (failed []store.Presence, err error) {
	ctx, cancel := work()
	defer cancel()
	var all errgroup.Group
	all.SetLimit(presenceAtOnce)
	errs := make([]error, len(list))
	for i, p := range list {
		all.Go(func() error {
			errs[i] = do(ctx, node, p)
			return errs[i]
		})
	}
	err = all.Wait()
	for i, p := range list {
		if errs[i] != nil {
			failed = append(failed, p)
		}
	}
	return failed, err
}

// beatPresence shows that this node is alive, and returns since when it does so. Where others have taken
// it for dead, it says anew who is here.
func (l *Live) beatPresence(since time.Time) time.Time {
	write, cancel := work()
	defer cancel()
	known, err := l.o.Store.PresenceBeat(write, l.presence.node)
	switch {
	case err != nil:
		return time.Time{} // at the next beat
	case since.IsZero():
		since = time.Now()
	}
	if !known {
		l.presence.noteAll()
	}
	return since
}

// noteAll notes everybody who is here.
func (p *presence) noteAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, app := range p.here {
		p.notes.put(store.Presence{App: app, User: id, On: true})
	}
}

// clearPresence notes that those who were on nodes which have died are gone.
func (l *Live) clearPresence(ctx context.Context) {
	for ctx.Err() == nil {
		write, cancel := work()
		node, list, ok, err := l.o.Store.StalePresence(write, l.o.Now().Add(-presenceGone))
		cancel()
		if err != nil || !ok {
			return // at the next beat
		}
		if _, err := l.storeAll(node, list, l.o.Store.EndPresence); err != nil {
			return
		}
	}
}
