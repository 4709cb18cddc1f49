package device

import (
	"context"
	"sync"
	"time"

	"parlor/internal/chat"
)

// turns serializes, on this node, the calls of one device that deliver what is new: the second
// must know what the first has delivered. Its zero value is ready.
type turns struct {
	mu    sync.Mutex
	taken map[turn]chan struct{} // closed when the turn is over
	// open decides about answers that are not known to have arrived or to be lost.
	open map[turn]func()
}

type turn struct {
	user   chat.UserID
	device string
}

// turnTimeout bounds how long a call waits for the device's other ones. It leaves a call that
// waited enough time for its work.
const turnTimeout = 10 * time.Second

// take waits for its turn. The caller must call over, once or more.
func (t *turns) take(ctx context.Context, k turn) (over func(), err error) {
	timeout := time.NewTimer(turnTimeout)
	defer timeout.Stop()
	for {
		t.mu.Lock()
		before, taken := t.taken[k]
		if !taken {
			break
		}
		t.mu.Unlock()
		select {
		case <-before:
		case <-timeout.C:
			return nil, chat.Errorf(chat.CodeTooMany,
				"This device has too many calls for what is new under way; wait for an answer before you call again")
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	over = t.begin(k)
	decide := t.open[k]
	delete(t.open, k)
	t.mu.Unlock()
	if decide != nil {
		decide() // a device that asks again has the last answer by now, or never will
	}
	return over, nil
}

// try takes the turn if it is free, and known whether the last answer has arrived.
func (t *turns) try(k turn) (over func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taken[k] != nil || t.open[k] != nil {
		return nil, false
	}
	return t.begin(k), true
}

// begin begins a turn. It must be called with the lock held.
func (t *turns) begin(k turn) (over func()) {
	if t.taken == nil {
		t.taken = map[turn]chan struct{}{}
	}
	end := make(chan struct{})
	t.taken[k] = end
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.taken, k)
		close(end)
	})
}

// undecided records the function that decides whether the answer of this turn has arrived.
func (t *turns) undecided(k turn, decide func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[turn]func(){}
	}
	t.open[k] = decide
}

// decided says that it is known whether the last answer of this turn has arrived.
func (t *turns) decided(k turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, k)
}
