package hub_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"parlor/internal/hub"
)

// TestSlowReader: who does not read is ended once too much waits, and nobody else waits for
// them or misses anything.
func TestSlowReader(t *testing.T) {
	for name, size := range map[string]int{"too many": 10, "too large": 100 << 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &people{}
				version := d.set(ana, bo)
				h := hub.New(hub.Options{Directory: d})
				_, quick := join(t, h, ana)
				deaf := &socket{stuck: make(chan struct{})}
				s := hub.NewSession(deaf, caller(bo))
				if err := h.Join(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				var all []string
				for len(all) < 600 && !s.Stopped() {
					all = append(all, fmt.Sprintf("%0*d", size, len(all)))
					send(t, h, version, all[len(all)-1])
					synctest.Wait() // ana's writer keeps up
				}
				quick.is(t, "ana", 0, all...)
				if deaf.ended() != hub.StopOverload || len(all) == 600 {
					t.Errorf("after %d frames bo was closed with %d, want %d", len(all), deaf.ended(), hub.StopOverload)
				}
				send(t, h, version, "the last")
				close(deaf.stuck)
				synctest.Wait()
				deaf.is(t, "bo", hub.StopOverload, all[0]) // nothing with a gap before it
			})
		})
	}
}

// TestBrokenConnection: a session ends whose connection takes nothing.
func TestBrokenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &socket{broken: errors.New("reset")}
		s := hub.NewSession(c, caller(ana))
		s.Send(hub.NewFrame([]byte("one")))
		synctest.Wait()
		s.Send(hub.NewFrame([]byte("two")))
		synctest.Wait()
		c.is(t, "ana", hub.StopOverload, "one")
	})
}
