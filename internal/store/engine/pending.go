package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// pending is a work that waits for its commit.
type pending[W Work] struct {
	// Set by its caller.
	ctx   context.Context
	shard int64
	work  W
	probe func(context.Context, Tx) error // if set, it runs in the place of work: see Lanes.CheckWrite
	done  chan struct{}                   // closed by the lane when it is settled

	state atomic.Int32 // waiting, begun or abandoned

	// Owned by the lane until done is closed.
	tries int
	err   error
}

// The states of a pending work. Whoever takes it out of waiting, its lane or its caller,
// decides whether it happens.
const (
	waiting = iota
	begun
	abandoned
)

// begin reports whether the work is to run: its caller may have left.
func (p *pending[W]) begin() bool {
	return p.state.CompareAndSwap(waiting, begun) || p.state.Load() == begun
}

// plain reports whether the work can be done together with others.
func (p *pending[W]) plain() bool { return p.probe == nil && p.work.Plain() }

// run does the work and holds it to its errors: an engine that refuses all further
// statements after a failed one must not let a write pass that has ignored it.
func (p *pending[W]) run(ctx context.Context, tx Tx) error {
	err := p.call(ctx, tx)
	if err == nil && tx.Aborted() {
		return errors.New("a statement of this write has failed, and it went on")
	}
	return err
}

// call turns a panic of one work into its error: the other callers of the batch, and the
// lane, must not die of it.
func (p *pending[W]) call(ctx context.Context, tx Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", r, debug.Stack())
		}
	}()
	if p.probe != nil {
		return p.probe(ctx, tx)
	}
	return p.work.Run(ctx, tx)
}
