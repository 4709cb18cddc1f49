package server

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// TestPartsStopBackwards: a part ends only after all that were started behind it, even
// where the context that they were started with has ended long before.
func TestPartsStopBackwards(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := newParts()
	var ended []string
	failure := errors.New("could not be closed")
	for _, name := range []string{"store", "bus", "live"} {
		p.start(ctx, func(ctx context.Context) error {
			<-ctx.Done()
			ended = append(ended, name)
			if name == "bus" {
				return failure
			}
			return nil
		})
	}
	cancel()
	select {
	case <-p.broken:
		t.Fatal("a part ended with the context that it was started with")
	default:
	}
	if err := p.stop(); !errors.Is(err, failure) {
		t.Errorf("the stop says %v, want %v", err, failure)
	}
	if want := []string{"live", "bus", "store"}; !slices.Equal(ended, want) {
		t.Errorf("ended in the order %v, want %v", ended, want)
	}
	if err := p.stop(); err != nil {
		t.Errorf("a second stop says %v", err)
	}
}

// TestPartThatEndsByItself: it shows, and its error is that of the stop.
func TestPartThatEndsByItself(t *testing.T) {
	p := newParts()
	failure := errors.New("the listener broke")
	p.start(t.Context(), closing(func() error { return nil }))
	p.start(t.Context(), func(context.Context) error { return failure })
	<-p.broken
	if err := p.stop(); !errors.Is(err, failure) {
		t.Errorf("the stop says %v, want %v", err, failure)
	}
}
