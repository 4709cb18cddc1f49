package live

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// markInterval is how often it is looked up to which change everything was told.
	markInterval = 500 * time.Millisecond
	// peerDelay is how long another node's word counts for nothing: by then a loss of
	// something that the node had sent before would have shown.
	peerDelay = 3 * time.Second
)

// told knows up to which change number all sessions of this node were told of everything.
type told struct {
	highest atomic.Int64 // no change above it was told of yet
	upTo    atomic.Int64 // all changes below it were
	dirty   atomic.Bool  // something was told since the last mark

	mu      sync.Mutex
	own     int64             // of this node's own changes all below it were told here
	peers   map[string][]word // by node, in the order of coming
	history []word            // where the database was, in the order of time
}

// historyLength is for how long it is remembered where the database was.
const historyLength = keepAnnouncements

// remember notes where the database is now.
func (t *told) remember(number int64, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.history) > 1 && now.Sub(t.history[1].at) > historyLength {
		t.history = t.history[1:]
	}
	t.history = append(t.history, word{number, now})
}

// since is a change number below which everything was told that was committed before a time.
// A node that this one has never heard of may have been apart.
func (t *told) since(when time.Time) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	number := t.upTo.Load()
	for i := len(t.history) - 1; i >= 0; i-- {
		number = min(number, t.history[i].number)
		if t.history[i].at.Before(when) {
			break
		}
	}
	return number
}

// word is what another node said at a time.
type word struct {
	number int64
	at     time.Time
}

// raise notes that a change is about to be told of.
func (t *told) raise(number int64) {
	t.dirty.Store(true)
	for {
		before := t.highest.Load()
		if number <= before || t.highest.CompareAndSwap(before, number) {
			return
		}
	}
}

// mark goes through the queues of all shards. When the last has let it pass, everything is
// told that was queued before it.
type mark struct {
	left   atomic.Int32
	passed func()
}

func (m *mark) pass() {
	if m.left.Add(-1) == 0 {
		m.passed()
	}
}

// everywhere sends a mark through all shards.
func (l *Live) everywhere(passed func()) {
	m := &mark{passed: passed}
	m.left.Store(int32(len(l.shards)))
	for _, s := range l.shards {
		s.put(item{mark: m})
	}
}

// keepTold moves the number up to which everything was told, until ctx ends.
func (l *Live) keepTold(ctx context.Context) {
	tick := time.NewTicker(markInterval)
	defer tick.Stop()
	var under atomic.Bool // a mark is on its way
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l.o.Bus == nil && !l.told.dirty.Swap(false) || under.Load() {
			continue
		}
		ask, cancel := work()
		number, err := l.o.Store.Announced(ask)
		cancel()
		if err != nil {
			l.told.dirty.Store(true)
			continue // the database is away: whoever reads or writes says so
		}
		l.told.remember(number, time.Now())
		l.broadcast(&nodeTold{Node: l.presence.node, Number: number})
		under.Store(true)
		l.everywhere(func() {
			l.told.mu.Lock()
			l.told.own = max(l.told.own, number)
			l.told.mu.Unlock()
			l.settleTold()
			under.Store(false)
		})
	}
}

// heardTold takes another node's word.
func (l *Live) heardTold(e *nodeTold) {
	l.everywhere(func() {
		t := &l.told
		t.mu.Lock()
		if t.peers == nil {
			t.peers = map[string][]word{}
		}
		t.peers[e.Node] = append(t.peers[e.Node], word{e.Number, time.Now()})
		t.mu.Unlock()
	})
}

// settleTold is called when this node's own changes below t.own were told.
func (l *Live) settleTold() {
	t := &l.told
	if !l.current() {
		t.mu.Lock()
		clear(t.peers) // what came before may have overtaken something that is still missing
		t.mu.Unlock()
		return
	}
	others := l.presence.nodes()
	t.mu.Lock()
	upTo := t.own
	for id := range others {
		upTo = min(upTo, t.reached(id))
	}
	maps.DeleteFunc(t.peers, func(id string, _ []word) bool { return !others[id] })
	t.mu.Unlock()
	if upTo > t.upTo.Load() {
		t.upTo.Store(upTo)
	}
}

// reached is up to where another node's changes were told here; it must be called with the
// lock held.
func (t *told) reached(id string) (number int64) {
	words := t.peers[id]
	settled := 0
	for settled < len(words) && time.Since(words[settled].at) >= peerDelay {
		settled++
	}
	if settled == 0 {
		return 0
	}
	t.peers[id] = words[settled-1:] // the last settled one stays good
	return words[settled-1].number
}

// current reports whether this node hears of all that happens on the others.
func (l *Live) current() bool {
	return l.o.Bus == nil || l.o.Bus.Healthy() == nil && !l.losses.any()
}

// startTold begins where the database is: sessions that come later are told of the rest.
func (l *Live) startTold(ctx context.Context) error {
	number, err := l.o.Store.Horizon(ctx)
	if err != nil {
		return err
	}
	l.told.highest.Store(number - 1)
	l.told.upTo.Store(number)
	l.told.remember(number, time.Now())
	return nil
}
