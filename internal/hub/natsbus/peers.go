package natsbus

import (
	"sync"
	"time"
)

const (
	// forgetAfter is how long a node that fell silent is remembered, in case that it was
	// only out of reach.
	forgetAfter = 24 * time.Hour
	// strangerAge is taken for the age of a node whose first beats were lost.
	strangerAge = time.Minute
)

// peers knows how far each other node has come, and so what is missing.
type peers struct {
	mu    sync.Mutex
	nodes map[nodeID]*peer
	begun time.Time // when the subscription did
	loss  time.Time // since when messages may be missing; zero: none are
}

type peer struct {
	seq    uint64    // of the last message that was published, as far as known
	fineAt time.Time // when nothing was missing up to seq
	heard  time.Time // when the last frame came
	silent bool      // for so long that it was reported
}

func newPeers() *peers { return &peers{nodes: map[nodeID]*peer{}} }

// begin says that nothing from before now is to be missed.
func (p *peers) begin(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun = now
}

// hear notes a frame that arrived at now.
func (p *peers) hear(h header, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.nodes[h.node]
	if n == nil {
		n = &peer{fineAt: now.Add(-strangerAge)}
		if now.Sub(p.begun) < deadAfter {
			// It was there first. What it has published is older than the subscription, unless
			// it was out of reach until now.
			n.seq, n.fineAt = h.seq, now
			if h.kind == kindMessage {
				n.seq--
			}
			if n.seq > 0 {
				p.lose(p.begun)
			}
		}
		p.nodes[h.node] = n
	}
	expected := n.seq
	if h.kind == kindMessage {
		expected++
	}
	if h.seq > expected {
		p.lose(n.fineAt)
	}
	n.seq = max(n.seq, h.seq)
	n.fineAt, n.heard, n.silent = now, now, false
	if h.kind == kindBye {
		delete(p.nodes, h.node)
	}
}

// reconnected reports all that was missed while there was no connection, which was well
// at fineAt.
func (p *peers) reconnected(fineAt, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose(fineAt)
	for _, n := range p.nodes {
		if !n.silent { // else it was reported, or will be when it is back
			p.lose(n.fineAt)
			// A gap that shows later is one since now.
			n.fineAt, n.heard = now, now
		}
	}
}

// check reports nodes that fell silent. It is called only while the connection works.
func (p *peers) check(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, n := range p.nodes {
		silence := now.Sub(n.heard)
		if silence > deadAfter && !n.silent {
			n.silent = true
			p.lose(n.fineAt)
		}
		if silence > forgetAfter {
			delete(p.nodes, id)
		}
	}
}

// discarded reports that frames which arrived after since were discarded.
func (p *peers) discarded(since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose(since)
}

// lose extends the loss to since. The caller holds p.mu.
func (p *peers) lose(since time.Time) {
	if p.loss.IsZero() || since.Before(p.loss) {
		p.loss = since
	}
}

// takeLoss returns since when messages may be missing, and begins anew.
func (p *peers) takeLoss() (since time.Time, any bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	since, p.loss = p.loss, time.Time{}
	return since, !since.IsZero()
}
