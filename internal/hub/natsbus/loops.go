package natsbus

import (
	"time"

	"github.com/nats-io/nats.go"
)

// receive takes a frame from nats.go, on the subscription's goroutine. It must not wait
// for anything: the time of a frame's arrival shows since when others are missing.
func (b *Bus) receive(m *nats.Msg) {
	h, payload, ok := decode(m.Data)
	if !ok || h.kind != kindMessage && h.kind != kindBeat && h.kind != kindBye {
		return
	}
	b.peers.hear(h, time.Now())
	if h.kind == kindMessage && !b.in.add(payload) {
		b.peers.discarded(b.lastFine())
	}
}

// write sends what Publish has queued, and the beats. Only this goroutine publishes by
// nats.go, which waits for the network when its buffer is full.
func (b *Bus) write() {
	defer b.running.Done()
	defer close(b.written)
	ticker := time.NewTicker(beatInterval)
	defer ticker.Stop()
	for beat, bye := false, false; !bye; {
		frames, last := b.out.take()
		for _, f := range frames {
			b.send(f)
		}
		if beat {
			b.send(header{kindBeat, b.out.node, last}.encode(nil))
		}
		beat = false
		select {
		case <-b.out.wake:
		case <-ticker.C:
			beat = true
		case <-b.stop:
			bye = true
		}
	}
	frames, last := b.out.take()
	for _, f := range frames {
		b.send(f)
	}
	b.send(header{kindBye, b.out.node, last}.encode(nil))
	if b.nc.IsConnected() {
		_ = b.nc.FlushTimeout(drainTimeout) // without an answer, there is nothing left to do
	}
}

// send passes a frame to nats.go. If that does not take it, the gap in the numbers shows the
// others.
func (b *Bus) send(frame []byte) { _ = b.nc.Publish(b.subject, frame) }

// keep makes sure that the connection works, and reports what was missed when it did not.
func (b *Bus) keep() {
	defer b.running.Done()
	ticker := time.NewTicker(beatInterval)
	defer ticker.Stop()
	var known uint64 // connections that have been accounted for
	for {
		known = b.round(known)
		select {
		case <-ticker.C:
		case <-b.kick:
		case <-b.stop:
			return
		}
	}
}

// round asks the server for an answer. Once it has come, so has everything that the
// server had when it was asked, and it knows the subscription: nats.go subscribes before
// anything else on a new connection.
func (b *Bus) round(known uint64) uint64 {
	if !b.nc.IsConnected() {
		b.connected.Store(false) // onDisconnect may have come during the previous round
		return known
	}
	current := b.nc.Stats().Reconnects
	asked := time.Now()
	if err := b.nc.FlushTimeout(flushTimeout); err != nil {
		return known
	}
	if b.nc.Stats().Reconnects != current {
		return known // the answer may be the old connection's; onReconnect has us come back
	}
	if current != known {
		b.peers.reconnected(b.lastFine(), asked)
	}
	b.fine(asked)
	b.maxPayload.Store(b.nc.MaxPayload())
	b.connected.Store(true)
	b.peers.check(asked)
	if since, any := b.peers.takeLoss(); any && b.subscribed.Load() {
		b.in.lost(since.Add(-margin))
	}
	b.in.check(asked)
	return current
}
