package natsbus

import (
	"sync"
	"time"
)

// limits bound a queue.
type limits struct{ messages, bytes int }

// Seconds of the traffic of a busy cluster. A node that is further behind is quicker reading
// the database.
var (
	inLimits  = limits{messages: 65_536, bytes: 64 << 20}
	outLimits = limits{messages: 16_384, bytes: 16 << 20}
)

func (l limits) orDefault(d limits) limits {
	if l == (limits{}) {
		return d
	}
	return l
}

// outbox holds messages that wait to be sent, and numbers them.
type outbox struct {
	limits limits
	node   nodeID
	wake   chan struct{} // has an element when there are frames

	mu     sync.Mutex
	frames [][]byte
	bytes  int
	seq    uint64 // of the last message, sent or not
	closed bool
}

func newOutbox(l limits) *outbox {
	return &outbox{limits: l, node: newNodeID(), wake: make(chan struct{}, 1)}
}

// add queues a message. One that cannot be queued uses up a number nevertheless: the gap
// shows the others that they missed it.
func (o *outbox) add(payload []byte, connected bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return ErrClosed
	}
	o.seq++
	if !connected {
		return ErrDisconnected
	}
	if len(o.frames) >= o.limits.messages || o.bytes+len(payload) > o.limits.bytes {
		return ErrBacklog
	}
	o.frames = append(o.frames, header{kindMessage, o.node, o.seq}.encode(payload))
	o.bytes += len(payload)
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return nil
}

// take empties the queue. No message up to last is left in it.
func (o *outbox) take() (frames [][]byte, last uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames, o.frames, o.bytes = o.frames, nil, 0
	return frames, o.seq
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

func (o *outbox) isClosed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

// inbox holds what waits to be delivered.
type inbox struct {
	limits limits

	mu       sync.Mutex
	changed  sync.Cond
	payloads [][]byte
	bytes    int
	loss     time.Time // to be reported; zero: nothing
	telling  bool      // a loss is being reported
	checked  time.Time // see Bus.Checked
	closed   bool
}

func newInbox(l limits) *inbox {
	i := &inbox{limits: l}
	i.changed.L = &i.mu
	return i
}

// add queues a message, or returns false if there is no room for it.
func (i *inbox) add(payload []byte) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.payloads) >= i.limits.messages || i.bytes+len(payload) > i.limits.bytes {
		return false
	}
	i.payloads = append(i.payloads, payload)
	i.bytes += len(payload)
	i.changed.Signal()
	return true
}

// lost has a loss reported, ahead of the messages that wait: a node that has caught up from
// the database knows them already.
func (i *inbox) lost(since time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.loss.IsZero() || since.Before(i.loss) {
		i.loss = since
	}
	i.changed.Signal()
}

// check notes that every loss that showed before a time was passed to lost.
func (i *inbox) check(at time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.checked = at
}

// checkedAt is the latest time of check; zero while a loss has yet to be reported.
func (i *inbox) checkedAt() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.loss.IsZero() || i.telling {
		return time.Time{}
	}
	return i.checked
}

func (i *inbox) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
	i.changed.Signal()
}

// run delivers what comes in, until the inbox is closed.
func (i *inbox) run(deliver func([]byte), lost func(time.Time)) {
	for {
		payload, loss, ok := i.next()
		switch {
		case !ok:
			return
		case !loss.IsZero():
			lost(loss)
			i.told()
		default:
			deliver(payload)
		}
	}
}

// told says that a loss has been reported.
func (i *inbox) told() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.telling = false
}

// next waits for a loss or, if there is none, a message; ok is false once the inbox is
// closed.
func (i *inbox) next() (payload []byte, loss time.Time, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for len(i.payloads) == 0 && i.loss.IsZero() && !i.closed {
		i.changed.Wait()
	}
	if i.closed {
		return nil, loss, false
	}
	if !i.loss.IsZero() {
		loss, i.loss, i.telling = i.loss, time.Time{}, true
		return nil, loss, true
	}
	payload, i.payloads[0] = i.payloads[0], nil
	i.payloads = i.payloads[1:]
	i.bytes -= len(payload)
	return payload, loss, true
}
