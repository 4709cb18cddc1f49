package faults

import (
	"testing"

	"parlor/internal/store"
)

// TestKilledUnderLoad ends the program at random moments, again and again on the same
// data. What it acknowledged is there afterwards; of the rest, all or nothing.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		rng := newRand(t)
		p := start(t, o)
		w := newWorkload(t, p.server)
		for range 4 {
			stop := w.load(t, p, rng)
			w.waitFor(t, 1+rng.Int64N(250))
			p.Kill()
			stop()
			p = start(t, o)
			w.check(t, p.server, o)
		}
		w.repeat(t, p.server)
		w.check(t, p.server, o)
	})
}
