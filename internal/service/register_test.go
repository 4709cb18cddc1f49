package service_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// register is something that one goroutine changes while others read it. A read must
// give a state that it had between the begin and the end of the read.
type register struct {
	mu     sync.Mutex
	states []string // every state it was ever meant to have
	acked  int      // the place of the last acknowledged one
}

func newRegister(state string) *register { return &register{states: []string{state}} }

func (r *register) change(to string, write func() error) error {
	r.mu.Lock()
	r.states = append(r.states, to)
	place := len(r.states) - 1
	r.mu.Unlock()
	if err := write(); err != nil {
		return err
	}
	r.mu.Lock()
	r.acked = place
	r.mu.Unlock()
	return nil
}

func (r *register) read(what string, ask func() (string, error)) error {
	r.mu.Lock()
	from := r.acked
	r.mu.Unlock()
	got, err := ask()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.states[from:], got) {
		return fmt.Errorf("%s: read %s, but it had the states %q by then", what, got, r.states[from:])
	}
	return nil
}

// counter is a register that several goroutines count up.
type counter struct{ begun, acked atomic.Int64 }

func newCounter(n int64) *counter {
	c := &counter{}
	c.begun.Store(n)
	c.acked.Store(n)
	return c
}

func (c *counter) read(what string, ask func() (int64, error)) error {
	least := c.acked.Load()
	got, err := ask()
	if err != nil {
		return err
	}
	if most := c.begun.Load(); got < least || got > most {
		return fmt.Errorf("%s: read %d, want %d to %d", what, got, least, most)
	}
	return nil
}
