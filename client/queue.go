package client

import (
	"context"
	"sync"
)

// maxQueued bounds the bytes of frames that wait in a queue.
const maxQueued = 32 << 20

// item is what waits to be taken: an event, or a ping that is answered when its turn comes.
type item struct {
	event Event
	pong  func() // nil for an event
	size  int    // of the frame
}

// queue is what has come and was not taken yet, in order.
type queue struct {
	limit int // of items that the socket puts in

	mu      sync.Mutex
	seen    seen
	items   []item
	held    []item // what came while the device catches up: it goes behind that
	holding bool
	full    bool // something had no place: nothing more has until the next connection
	busy    bool // what was taken last may still be worked on
	bytes   int
	err     error         // why nothing more comes
	changed chan struct{} // closed, and another one made, with every change
}

func newQueue(limit int) *queue { return &queue{limit: limit, changed: make(chan struct{})} }

// notify must be called with the lock held.
func (q *queue) notify() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// put takes an event that came over the socket, or passes it over when the queue is full.
func (q *queue) put(i item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items)+len(q.held) >= q.limit || q.bytes+i.size > maxQueued {
		q.full = true
	}
	switch {
	case q.full:
	case q.holding:
		q.held = append(q.held, i)
		q.bytes += i.size
		return // nobody is waiting for it
	default:
		q.add(i, false)
	}
	q.notify()
}

// putPing takes a ping, whose turn comes when all before it was taken. When that is now, it returns false
// and has not taken it. Only the newest of several pings in a row counts.
func (q *queue) putPing(pong func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full {
		return true // it must not be answered: what was let go before it has not arrived
	}
	if len(q.items)+len(q.held) == 0 && !q.busy {
		return false
	}
	to := &q.items
	if len(q.held) > 0 {
		to = &q.held
	}
	if n := len(*to); n > 0 && (*to)[n-1].pong != nil {
		(*to)[n-1].pong = pong
		return true
	}
	*to = append(*to, item{pong: pong})
	q.notify()
	return true
}

// add must be called with the lock held.
func (q *queue) add(i item, caughtUp bool) {
	if i.pong == nil {
		if i.event = q.seen.filter(i.event, caughtUp); i.event == nil {
			return
		}
	}
	q.items = append(q.items, i)
	q.bytes += i.size
}

// tell adds an event of the Stream's own, for which there is always room.
func (q *queue) tell(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(q.items, item{event: e})
	q.notify()
}

// hold begins a connection: what comes by it waits for release.
func (q *queue) hold() {
	q.mu.Lock()
	defer q.mu.Unlock()
	// What an earlier connection has brought and was not released comes again.
	for _, i := range q.held {
		q.bytes -= i.size
	}
	q.held, q.holding, q.full = nil, true, false
}

// release adds what the device has caught up on, and then what was held. A new message that was held goes before
// the newer ones of its room, wherever they are: the connection may have brought it before the call was made.
func (q *queue) release(first Event, missed []Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(q.items, item{event: first})
	early := map[RoomID][]*item{} // new messages that were held, in their order
	for k := range q.held {
		if e, ok := q.held[k].event.(MessageSent); ok {
			early[e.Message.Room.ID] = append(early[e.Message.Room.ID], &q.held[k])
		}
		q.bytes -= q.held[k].size
	}
	for _, m := range missed {
		held := early[m.Room.ID]
		for len(held) > 0 && isOlder(held[0], m) {
			q.add(*held[0], false)
			held = held[1:]
		}
		early[m.Room.ID] = held
		q.add(item{event: MessageSent{m}}, true)
	}
	for _, i := range q.held {
		q.add(i, false) // what was added already is no news
	}
	q.held, q.holding = nil, false
	q.notify()
}

// isOlder reports whether the new message of an item comes before m, which is of the same room.
func isOlder(i *item, m Message) bool {
	e, ok := i.event.(MessageSent)
	return ok && e.Message.ID.number() < m.ID.number()
}

// end has next return err, once everything was taken.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.err = err
	q.notify()
}

// reason is why nothing more comes, nil while something may.
func (q *queue) reason() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

// next takes the next item, and waits for one.
func (q *queue) next(ctx context.Context) (item, error) {
	for {
		q.mu.Lock()
		q.busy = false
		if len(q.items) > 0 {
			i := q.items[0]
			q.busy = i.pong == nil
			q.items[0] = item{} // so that it can be collected
			q.items = q.items[1:]
			q.bytes -= i.size
			q.notify()
			q.mu.Unlock()
			return i, nil
		}
		err, changed := q.err, q.changed
		q.mu.Unlock()
		if err != nil {
			return item{}, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return item{}, context.Cause(ctx)
		}
	}
}

// isEmpty reports whether everything was taken.
func (q *queue) isEmpty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)+len(q.held) == 0 && !q.full
}

// await waits until cond, which is asked with the lock held, or until done is closed.
func (q *queue) await(done <-chan struct{}, cond func() bool) {
	for {
		q.mu.Lock()
		ok, changed := cond(), q.changed
		q.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-done:
			return
		}
	}
}

// awaitRoom waits until half of the queue is free.
func (q *queue) awaitRoom(done <-chan struct{}) {
	q.await(done, func() bool { return len(q.items) <= q.limit/2 && q.bytes <= maxQueued/2 })
}

// awaitOverflow waits until something had no place and there would be one again.
func (q *queue) awaitOverflow(done <-chan struct{}) {
	q.await(done, func() bool { return q.full && len(q.items) <= q.limit/2 && q.bytes <= maxQueued/2 })
}
