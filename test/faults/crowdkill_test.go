package faults

import (
	"testing"

	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestCrowdSurvivesKills ends the only node at random moments, again and again, while a
// crowd writes, edits, deletes and reads. At the end all that was acknowledged is there,
// as it must be, for every reader and on every device.
func TestCrowdSurvivesKills(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		t.Parallel()
		rng := newRand(t)
		p := start(t, o)
		where := newNodes(p)
		c := gather(t, p, where, rng, 150)
		for range 5 {
			c.waitFor(t, 20+rng.Int64N(80))
			p.Kill()
			where.set(0, "")
			p = start(t, o)
			where.set(0, p.url)
		}
		c.waitFor(t, 40)
		c.rest(t)
		c.verify(t, func(int) *parlor { return p })
		p.Kill()
		storetest.Audit(t, o)
	})
}
