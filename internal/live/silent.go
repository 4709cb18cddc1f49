package live

import (
	"context"
	"sync"
	"time"

	"parlor/internal/store"
)

// A node whose events do not come may be gone, or only cut off from the bus: then it goes on
// committing, and nobody here is notified. The database tells the two apart, since each node
// shows there that it is alive. What a silent node commits is read from the database.

const (
	// deadAfter is how long a node may show nothing in the database before it counts as gone.
	// By then it has fallen silent on the bus as well.
	deadAfter = 30 * time.Second
	// silentPause is how often what silent nodes have committed is read.
	silentPause = 2 * time.Second
	// keepNodes is how long those that have crashed stay in the database.
	keepNodes = 24 * time.Hour
)

// beat is what another node shows in the database.
type beat struct {
	count int64
	at    time.Time // when it was first seen to have this count
}

// silent is the other nodes by the database, and those of them whose events do not come.
type silent struct {
	mu    sync.Mutex
	beats map[string]beat
	nodes map[string]bool // the silent ones
	upTo  int64           // if there are any: all changes below it have been delivered here
}

// update takes in what the database says, and returns the nodes that may commit something.
// heard are those whose events come, and upTo is the frontier.
func (s *silent) update(counts map[string]int64, heard map[string]bool, upTo int64) (there map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	beats := make(map[string]beat, len(counts))
	there = make(map[string]bool, len(counts)+len(heard))
	for id := range heard {
		there[id] = true
	}
	for id, count := range counts {
		b, known := s.beats[id]
		if !known || b.count != count {
			b = beat{count, now}
		}
		beats[id] = b
		if now.Sub(b.at) > deadAfter {
			continue
		}
		if there[id] = true; heard[id] {
			continue
		}
		if len(s.nodes) == 0 {
			s.nodes, s.upTo = map[string]bool{}, upTo
		}
		s.nodes[id] = true
	}
	s.beats = beats
	return there
}

// bound lowers a frontier to what has been read of the silent nodes, which it names.
func (s *silent) bound(upTo int64) (int64, map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.nodes) == 0 {
		return upTo, nil
	}
	names := make(map[string]bool, len(s.nodes))
	for id := range s.nodes {
		names[id] = true
	}
	return min(upTo, s.upTo), names
}

// over returns the silent nodes that need not be read for any longer, once that was done one more
// time: those that are heard again, and those that are gone. from is where to read from.
func (s *silent) over(heard map[string]bool) (over []string, from int64, any bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.nodes {
		b, known := s.beats[id]
		if heard[id] || !known || time.Since(b.at) > deadAfter {
			over = append(over, id)
		}
	}
	return over, s.upTo, len(s.nodes) > 0
}

// read notes that everything below a number has been delivered.
func (s *silent) read(upTo int64, over []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.upTo = max(s.upTo, upTo)
	for _, id := range over {
		delete(s.nodes, id)
	}
}

// beatInStore shows in the database that this node is alive, until ctx ends.
func (l *Live) beatInStore(ctx context.Context) {
	tick := time.NewTicker(beatInterval)
	defer tick.Stop()
	for {
		write, cancel := work()
		select {
		case <-ctx.Done():
			// Nothing is committed any more. A node of which this is not known is waited for.
			_ = l.o.Store.ForgetNode(write, l.presence.node)
			cancel()
			return
		case <-tick.C:
			_ = l.o.Store.Beat(write, l.presence.node) // an error is that of every write: those report it
			cancel()
		}
	}
}

// readForSilent reads what silent nodes commit, until ctx ends.
func (l *Live) readForSilent(ctx context.Context) {
	tick := time.NewTicker(silentPause)
	defer tick.Stop()
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		over, from, any := l.silent.over(l.presence.nodes())
		if !any {
			continue
		}
		upTo, err := l.readFrom(ctx, from)
		if err != nil {
			if !failed {
				l.o.Log.Error("what nodes commit whose events do not come could not be read; trying again", "error", err)
			}
			failed = true
			continue
		}
		failed = false
		l.everywhere(func() { l.silent.read(upTo, over) })
	}
}

// readFrom delivers everything from a change number on, and returns the number below which that
// is all there is.
func (l *Live) readFrom(ctx context.Context, from int64) (upTo int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if upTo, err = l.o.Store.Horizon(ctx); err != nil {
		return 0, err
	}
	_, err = l.deliverFrom(ctx, from)
	return upTo, err
}

// deliverFrom delivers what was committed from a change number on, and returns how many messages
// that was. Where that is too much, the sessions are ended.
func (l *Live) deliverFrom(ctx context.Context, from int64) (messages int, err error) {
	list, complete, err := l.o.Store.MessagesAddedSince(ctx, from, maxRecovered)
	if err != nil {
		return 0, err
	}
	if !complete {
		return 0, l.endAll(ctx)
	}
	for i := range list {
		l.take(stored(&list[i]), recovered)
	}
	last := store.Announced{Number: from}
	for {
		events, next, more, err := l.o.Store.Announcements(ctx, last, recoverPage)
		if err != nil {
			return 0, err
		}
		for _, e := range events {
			l.take(e, recovered)
		}
		if last = next; !more {
			return len(list), nil
		}
	}
}
