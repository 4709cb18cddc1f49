package live

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// frontierInterval is how often the frontier is moved.
const frontierInterval = 500 * time.Millisecond

// frontier is the change number below which everything has been delivered to all sessions of
// this node.
type frontier struct {
	highest atomic.Int64 // no change above it has been delivered yet
	upTo    atomic.Int64 // all changes below it have been
	dirty   atomic.Bool  // something was delivered since the last barrier

	mu       sync.Mutex
	own      int64                // all of this node's own changes below it were delivered here
	peers    map[string][]report  // by node, in order of arrival
	reported map[string]time.Time // by node, when it came last
	history  []report             // where the database was, in the order of time
}

// historyLength is how long the earlier states of the database are remembered.
const historyLength = keepAnnouncements

// remember notes where the database is now.
func (t *frontier) remember(number int64, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.history) > 1 && now.Sub(t.history[1].at) > historyLength {
		t.history = t.history[1:]
	}
	t.history = append(t.history, report{number, now})
}

// since is a change number below which everything committed before a time has been delivered.
// A node that this one has never heard from may have been cut off.
func (t *frontier) since(when time.Time) int64 {
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

// report is the number that a node gave at a time.
type report struct {
	number int64
	at     time.Time
}

// raise notes that a change is about to be delivered.
func (t *frontier) raise(number int64) {
	t.dirty.Store(true)
	for {
		before := t.highest.Load()
		if number <= before || t.highest.CompareAndSwap(before, number) {
			return
		}
	}
}

// barrier goes through the queues of all shards. Once the last has let it pass, everything that
// was queued before it has been delivered.
type barrier struct {
	left   atomic.Int32
	passed func()
}

func (m *barrier) pass() {
	if m.left.Add(-1) == 0 {
		m.passed()
	}
}

// everywhere sends a barrier through all shards.
func (l *Live) everywhere(passed func()) {
	m := &barrier{passed: passed}
	m.left.Store(int32(len(l.shards)))
	for _, s := range l.shards {
		s.put(item{barrier: m})
	}
}

// moveFrontier moves the frontier, until ctx ends.
func (l *Live) moveFrontier(ctx context.Context) {
	tick := time.NewTicker(frontierInterval)
	defer tick.Stop()
	var under atomic.Bool // a barrier is on its way
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if under.Load() || l.o.Bus == nil && !l.frontier.dirty.Swap(false) { // in that order
			continue
		}
		ask, cancel := work()
		number, err := l.o.Store.Announced(ask)
		var there map[string]bool
		if err == nil {
			there, err = l.others(ask) // afterwards: whoever has a change below number is found
		}
		cancel()
		if err != nil {
			l.frontier.dirty.Store(true)
			continue // the database is away: reads and writes report that
		}
		l.frontier.remember(number, time.Now())
		l.toNodes(&nodeFrontier{Node: l.presence.node, Number: number})
		under.Store(true)
		l.everywhere(func() {
			l.frontier.mu.Lock()
			l.frontier.own = max(l.frontier.own, number)
			l.frontier.mu.Unlock()
			l.settleFrontier(there)
			under.Store(false)
		})
	}
}

// reportTimeout is how long a node that is heard may report nothing: its database may be away, or
// it may be busy.
const reportTimeout = 15 * time.Second

// reporting says of the other nodes on the bus whether they report their frontiers, too.
func (l *Live) reporting() map[string]bool {
	nodes := l.presence.nodes()
	t := &l.frontier
	t.mu.Lock()
	defer t.mu.Unlock()
	reported := make(map[string]time.Time, len(nodes))
	for id := range nodes {
		at, known := t.reported[id]
		if !known {
			at = time.Now()
		}
		reported[id] = at
		nodes[id] = time.Since(at) <= reportTimeout
	}
	t.reported = reported
	return nodes
}

// heardFrontier receives another node's report.
func (l *Live) heardFrontier(e *nodeFrontier) {
	l.frontier.mu.Lock()
	if l.frontier.reported != nil {
		l.frontier.reported[e.Node] = time.Now()
	}
	l.frontier.mu.Unlock()
	l.everywhere(func() {
		t := &l.frontier
		t.mu.Lock()
		if t.peers == nil {
			t.peers = map[string][]report{}
		}
		t.peers[e.Node] = append(t.peers[e.Node], report{e.Number, time.Now()})
		t.mu.Unlock()
	})
}

// others are the other nodes that may have committed something: those whose events come, and those
// that show in the database that they are alive.
func (l *Live) others(ctx context.Context) (map[string]bool, error) {
	if l.o.Bus == nil {
		return nil, nil
	}
	counts, err := l.o.Store.Nodes(ctx)
	if err != nil {
		return nil, err
	}
	delete(counts, l.presence.node)
	return l.silent.update(counts, l.reporting(), l.frontier.upTo.Load()), nil
}

// settleFrontier is called when this node's own changes below t.own have been delivered. others
// are the nodes that may have committed something below it.
func (l *Live) settleFrontier(others map[string]bool) {
	t := &l.frontier
	checked := l.checked() // before current: a loss that it covers is known by then
	if !l.current() {
		t.mu.Lock()
		clear(t.peers) // what came before may have overtaken something that is still missing
		t.mu.Unlock()
		return
	}
	t.mu.Lock()
	own := t.own
	t.mu.Unlock()
	upTo, silent := l.silent.bound(own)
	t.mu.Lock()
	for id := range others {
		if !silent[id] {
			upTo = min(upTo, t.reached(id, checked))
		}
	}
	maps.DeleteFunc(t.peers, func(id string, _ []report) bool { return !others[id] })
	t.mu.Unlock()
	if upTo > t.upTo.Load() {
		t.upTo.Store(upTo)
	}
}

// reached is the number below which another node's changes have been delivered here. A report of
// that node counts once the bus has looked through what had arrived by then: a loss of something
// that the node had sent before would have shown. It must be called with the lock held.
func (t *frontier) reached(id string, checked time.Time) (number int64) {
	reports := t.peers[id]
	settled := 0
	for settled < len(reports) && reports[settled].at.Before(checked) {
		settled++
	}
	if settled == 0 {
		return 0
	}
	t.peers[id] = reports[settled-1:] // the last settled one stays good
	return reports[settled-1].number
}

// checked is how far the bus has looked for losses.
func (l *Live) checked() time.Time {
	if l.o.Bus == nil {
		return time.Time{}
	}
	return l.o.Bus.Checked()
}

// current reports whether this node receives all events of the others.
func (l *Live) current() bool {
	return l.o.Bus == nil || l.o.Bus.Healthy() == nil && !l.losses.any()
}

// startFrontier begins where the database is: sessions that come later get the rest.
func (l *Live) startFrontier(ctx context.Context) error {
	number, next, err := l.o.Store.Reach(ctx)
	if err != nil {
		return err
	}
	l.frontier.highest.Store(next - 1) // what is there already beyond the horizon, nobody tells of
	l.frontier.upTo.Store(number)
	l.frontier.remember(number, time.Now())
	return nil
}
