package bench

import (
	"context"
	"time"
)

// Limits of the store's own group commit, for the raw one to have the same.
const (
	commitBatch = 256  // writes of one commit
	commitQueue = 4096 // writes that wait
)

// lane is a connection that commits.
type lane interface {
	// commit runs writes in one transaction and returns when it is on the disk.
	commit(ctx context.Context, writes []write) error
}

// write is the rows of one acknowledged call, as the statements that leave them, in
// their order.
type write []statement

// statement is one of them. What its args are may depend on the rows that those before
// it have returned.
type statement struct {
	query string
	args  func() []any // nil when there are none
	dest  []any        // what takes its row; nil when it returns none
}

func (st statement) values() []any {
	if st.args == nil {
		return nil
	}
	return st.args()
}

// pending is a write on its way to a committing goroutine.
type pending struct {
	write write
	done  chan error
}

// committer is the raw group commit, the ceiling of durable calls: goroutines hand over
// their rows, one goroutine per lane commits all that have come while its last commit
// ran, and nothing else happens.
type committer struct {
	queues []chan pending
	ended  chan struct{}
}

func startCommitter(ctx context.Context, lanes []lane) *committer {
	c := &committer{ended: make(chan struct{}, len(lanes))}
	ctx = context.WithoutCancel(ctx) // drivers watch a context that can end, at a price
	for _, l := range lanes {
		q := make(chan pending, commitQueue/len(lanes))
		c.queues = append(c.queues, q)
		go func() { // ends when stop closes q
			commitAll(ctx, l, q)
			c.ended <- struct{}{}
		}()
	}
	return c
}

// stop ends the lanes. No write may be under way.
func (c *committer) stop() {
	for _, q := range c.queues {
		close(q)
	}
	for range c.queues {
		<-c.ended
	}
}

func commitAll(ctx context.Context, l lane, q <-chan pending) {
	for first := range q {
		batch := []pending{first}
	collect:
		for len(batch) < commitBatch {
			select {
			case h, open := <-q:
				if !open {
					break collect
				}
				batch = append(batch, h)
			default:
				break collect
			}
		}
		writes := make([]write, len(batch))
		for i, h := range batch {
			writes[i] = h.write
		}
		// A failure ends the run, so nothing is rolled back.
		err := l.commit(ctx, writes)
		for _, h := range batch {
			h.done <- err
		}
	}
}

func nowMS() int64 { return time.Now().UnixMilli() }
