package live

import (
	"context"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// lossMargin is how much earlier than the loss recovery begins: what was delivered then may
	// have been committed before.
	lossMargin = 10 * time.Second
	// maxRecovered bounds the messages that are read after a loss. After a longer one the
	// sessions are ended, and their devices ask for what they have missed.
	maxRecovered = 50_000
	recoverPage  = 1000
	// keepAnnouncements is how long events are kept for nodes that missed them.
	keepAnnouncements = 10 * time.Minute
	pruneInterval     = time.Minute
	prunePause        = 20 * time.Millisecond
)

// losses is the time since which something may have been missed: the earliest, if several
// were reported.
type losses struct {
	mu      sync.Mutex
	since   time.Time // zero for none
	reading int       // how many were taken and are not delivered yet
	ready   chan struct{}
}

func (l *losses) put(since time.Time) {
	l.mu.Lock()
	if l.since.IsZero() || since.Before(l.since) {
		l.since = since
	}
	l.mu.Unlock()
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// take returns the time since which something may have been missed, zero for none; done must be
// called when that has been delivered.
func (l *losses) take() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := l.since
	l.since = time.Time{}
	if !since.IsZero() {
		l.reading++
	}
	return since
}

func (l *losses) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reading--
}

// any reports whether something may have been missed and has not been read yet.
func (l *losses) any() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reading > 0 || !l.since.IsZero()
}

// recoverLosses reads what the bus may have lost, until ctx ends.
func (l *Live) recoverLosses(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.losses.ready:
			since := l.losses.take()
			// Zero where the one before has taken this report along.
			for !since.IsZero() {
				err := l.recover(since)
				if err == nil {
					l.everywhere(l.losses.done)
					break
				}
				l.o.Log.Error("events that were missed could not be read; trying again", "error", err)
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Second):
				}
			}
		}
	}
}

// recover delivers everything that may have been missed since a time.
func (l *Live) recover(since time.Time) error {
	from := l.frontier.since(since.Add(-lossMargin))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l.presence.askAgain()
	if time.Since(since) > keepAnnouncements/2 {
		return l.endAll(ctx)
	}
	found, err := l.read(ctx, from)
	if err != nil {
		return err
	}
	if found.tooMuch {
		return l.endAll(ctx)
	}
	l.deliver(found, nil)
	l.o.Log.Info("events that were missed have been read", "messages", len(found.messages))
	return nil
}

// found is what was committed from a change number on.
type found struct {
	messages []chat.Message
	events   []store.Announcement
	tooMuch  bool // there are more messages than can be delivered
}

// read reads what was committed from a change number on.
func (l *Live) read(ctx context.Context, from int64) (f found, err error) {
	list, complete, err := l.o.Store.MessagesAddedSince(ctx, from, maxRecovered)
	if err != nil || !complete {
		return found{tooMuch: err == nil}, err
	}
	f.messages = list
	last := store.Announced{Number: from}
	for {
		events, next, more, err := l.o.Store.Announcements(ctx, last, recoverPage)
		if err != nil {
			return found{}, err
		}
		f.events = append(f.events, events...)
		if len(f.events) > maxRecovered {
			return found{tooMuch: true}, nil
		}
		if last = next; !more {
			return f, nil
		}
	}
}

// deliver delivers what was read, but for events that were delivered before.
func (l *Live) deliver(f found, before map[store.Announced]bool) {
	if len(f.messages)+len(f.events) == 0 {
		return
	}
	l.hub.ForgetAll() // who is in a room may have changed with what was missed, and did so by now
	for i := range f.messages {
		l.take(stored(&f.messages[i]), recovered)
	}
	for _, e := range f.events {
		if !before[e.Announced] {
			l.take(e.Event, recovered)
		}
	}
}

// endAll ends the sessions, since too much was missed. Those that come afterwards begin behind it:
// their devices ask for it.
func (l *Live) endAll(ctx context.Context) error {
	_, next, err := l.o.Store.Reach(ctx)
	if err != nil {
		return err
	}
	l.frontier.raise(next - 1)
	l.hub.DropAll("missed too much")
	return nil
}

// prune deletes old announcements, until ctx ends.
func (l *Live) prune(ctx context.Context) {
	tick := time.NewTicker(pruneInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.pruneOld(ctx); err != nil {
				l.o.Log.Warn("old announcements could not be deleted", "error", err)
			}
			write, cancel := work()
			if err := l.o.Store.PruneNodes(write, l.o.Now().Add(-keepNodes)); err != nil {
				l.o.Log.Warn("nodes that are gone could not be deleted", "error", err)
			}
			cancel()
		}
	}
}

// pruneOld deletes all announcements that are old now, in small writes with pauses between
// them: a busy node writes thousands a second, and other writers are waiting, too.
func (l *Live) pruneOld(ctx context.Context) error {
	before := l.o.Now().Add(-keepAnnouncements)
	for {
		write, cancel := work()
		more, err := l.o.Store.PruneAnnouncements(write, before)
		cancel()
		if err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(prunePause):
		}
	}
}
