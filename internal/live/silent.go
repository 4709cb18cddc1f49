package live

import (
	"context"
	"maps"
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
	keepNodes = time.Hour
)

// beat is what another node shows in the database.
type beat struct {
	count int64
	at    time.Time // when it was first seen to have this count
}

// silent is the other nodes by the database, and those of them whose events do not come.
type silent struct {
	// Of readSilent alone.
	delivered map[store.Announced]bool // announcements that will be read again

	mu      sync.Mutex
	beats   map[string]beat
	looked  time.Time       // when the database was asked last
	nodes   map[string]bool // the silent ones
	left    map[string]bool // nodes that have left, and all that they committed was read
	upTo    int64           // if there are silent ones: all changes below it have been delivered here
	at      time.Time       // when that was read
	reading bool            // what was read is on its way
}

// update takes in what the database says, and returns the nodes that may commit something. heard
// says of the nodes on the bus whether they report their frontiers, too; upTo is the one here.
func (s *silent) update(counts map[string]int64, heard map[string]bool, upTo int64) (there map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	unseen := time.Duration(0) // time in which nobody looked says nothing about beats
	if pause := now.Sub(s.looked); !s.looked.IsZero() && pause > beatInterval {
		unseen = pause
	}
	s.looked = now
	there = make(map[string]bool, len(counts)+len(heard))
	beats := make(map[string]beat, len(counts))
	for id, count := range counts {
		b, known := s.beats[id]
		if !known || b.count != count {
			b = beat{count, now}
		} else {
			b.at = b.at.Add(unseen)
		}
		beats[id] = b
		delete(s.left, id)
		if now.Sub(b.at) <= deadAfter {
			there[id] = true
		}
	}
	for id := range s.beats {
		if _, known := beats[id]; !known && !s.left[id] {
			s.add(id, upTo) // it has left, and may have been heard by nobody for a while
		}
	}
	for id := range there {
		if !heard[id] {
			s.add(id, upTo)
		}
	}
	for id := range heard {
		if _, known := beats[id]; !known && !s.left[id] {
			there[id] = true // one of an earlier version, which does not show itself
		}
	}
	maps.DeleteFunc(s.left, func(id string, _ bool) bool {
		_, is := heard[id]
		return !is
	})
	s.beats = beats
	return there
}

// add must be called with the lock held.
func (s *silent) add(id string, upTo int64) {
	if len(s.nodes) == 0 {
		s.nodes, s.upTo, s.at = map[string]bool{}, upTo, time.Now()
	}
	s.nodes[id] = true
}

// bound lowers a frontier to what has been read of the silent nodes, which it names.
func (s *silent) bound(upTo int64) (int64, map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.nodes) == 0 {
		return upTo, nil
	}
	return min(upTo, s.upTo), maps.Clone(s.nodes)
}

// over returns the silent nodes that need not be read for any longer, once that was done one more
// time: those that are heard and report again, and those that are gone. from is where to read from. any is
// false where nothing is to be read now.
func (s *silent) over(heard map[string]bool) (over []string, from int64, any bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.nodes {
		b, known := s.beats[id]
		if heard[id] && known || !known || time.Since(b.at) > deadAfter {
			over = append(over, id)
		}
	}
	return over, s.upTo, len(s.nodes) > 0 && !s.reading
}

// old reports whether what silent nodes commit was not read for so long that it may be gone.
func (s *silent) old() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.at) > keepAnnouncements/2
}

// begin notes that what was read is being delivered.
func (s *silent) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading, s.at = true, time.Now()
}

// read notes that everything below a number has been delivered.
func (s *silent) read(upTo int64, over []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading = false
	s.upTo = max(s.upTo, upTo)
	for _, id := range over {
		delete(s.nodes, id)
		if _, known := s.beats[id]; !known {
			if s.left == nil {
				s.left = map[string]bool{}
			}
			s.left[id] = true
		}
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
		err := l.readSilent(ctx)
		if err != nil && !failed {
			l.o.Log.Error("what nodes commit whose events do not come could not be read; trying again", "error", err)
		}
		failed = err != nil
	}
}

// readSilent delivers what silent nodes may have committed since it was done last.
func (l *Live) readSilent(ctx context.Context) error {
	over, from, any := l.silent.over(l.reporting())
	if !any {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	upTo, next, err := l.o.Store.Reach(ctx)
	if err != nil {
		return err
	}
	var f found
	if l.silent.old() { // announcements from then on may be gone
		f.tooMuch = true
	} else if f, err = l.read(ctx, from); err != nil {
		return err
	}
	if f.tooMuch {
		// Those who come from now on begin behind all of it.
		l.frontier.raise(next - 1)
		l.hub.DropAll("missed too much")
		upTo = next
	} else {
		l.deliver(f, l.silent.delivered)
	}
	l.silent.delivered = make(map[store.Announced]bool)
	for _, e := range f.events {
		if e.Number >= upTo { // it is read again: a transaction under way holds the horizon
			l.silent.delivered[e.Announced] = true
		}
	}
	l.silent.begin()
	l.everywhere(func() { l.silent.read(upTo, over) })
	return nil
}
