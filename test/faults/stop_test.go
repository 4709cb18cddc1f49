package faults

import (
	"testing"

	"parlor/internal/store"
)

// TestStoppedUnderLoad asks the program to end while many write. It ends well, and what
// it acknowledged is there.
func TestStoppedUnderLoad(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		rng := newRand(t)
		p := start(t, o)
		w := newWorkload(t, p.server)
		for range 2 {
			stop := w.load(t, p, rng)
			w.waitFor(t, 1+rng.Int64N(150))
			if code := p.terminate(t); code != 0 {
				t.Errorf("exit code %d", code)
			}
			stop()
			p = start(t, o)
			w.check(t, p.server, o)
		}
		w.repeat(t, p.server)
		w.check(t, p.server, o)
	})
}
