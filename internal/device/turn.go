package device

import (
	"context"
	"sync"

	"parlor/internal/chat"
)

// turns has the calls of one device that hand out what is new follow one another on this
// node: what the first one has handed out is to be known to the second. Its zero value is
// ready.
type turns struct {
	mu    sync.Mutex
	taken map[turn]chan struct{} // closed when the turn is over
}

type turn struct {
	user   chat.UserID
	device string
}

// take waits for its turn. The caller must call over, once or more.
func (t *turns) take(ctx context.Context, k turn) (over func(), err error) {
	for {
		t.mu.Lock()
		before, taken := t.taken[k]
		if !taken {
			break
		}
		t.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	defer t.mu.Unlock()
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
	}), nil
}
