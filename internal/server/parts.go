package server

import (
	"context"
	"errors"
	"sync"
)

// parts are what runs in a server, each a function that works until its context ends. They
// start one by one, each when what it needs is running, and stop the other way round: none
// is ever without what it needs. So the order in which a server starts its parts, which
// Run says, is that of its stop, too.
type parts struct {
	running []*part
	broken  chan struct{} // closed when a part has ended before its stop
	once    sync.Once
}

// part is one that was started.
type part struct {
	end  context.CancelFunc
	done chan struct{} // closed when it has ended, with err set before
	err  error
}

func newParts() *parts { return &parts{broken: make(chan struct{})} }

// start runs a part until stop, whatever becomes of ctx.
func (p *parts) start(ctx context.Context, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	one := &part{end: cancel, done: make(chan struct{})}
	p.running = append(p.running, one)
	go func() { // ends with stop, or by itself when it fails
		defer close(one.done)
		one.err = run(ctx)
		if ctx.Err() == nil {
			p.once.Do(func() { close(p.broken) })
		}
	}()
}

// stop ends the parts, the last one first, each when those after it have ended. It returns
// their errors.
func (p *parts) stop() (err error) {
	for i := len(p.running) - 1; i >= 0; i-- {
		one := p.running[i]
		one.end()
		<-one.done
		err = errors.Join(err, one.err)
	}
	p.running = nil
	return err
}

// closing is a part that works by itself once it is open, and is closed at its end.
func closing(close func() error) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done()
		return close()
	}
}
