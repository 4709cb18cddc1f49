package device_test

import (
	"context"
	"testing"

	"parlor/internal/device"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestFeedAfterAFailure: an answer has arrived, and that cannot be noted. If there is more, the
// session leaves messages out by then, so the device is fed all the same.
func TestFeedAfterAFailure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		limits := device.DefaultLimits()
		limits.Messages = 2
		w := newWorld(t, st, "app", limits)
		w.catchUp(w.list(nothing), true)
		w.say("one")
		w.say("two")
		w.say("three")
		fail := func(what string, feeds int, want ...string) {
			t.Helper()
			d, err := w.devices.CatchUp(t.Context(), w.caller(), w.list(nothing))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Done()
			w.is(what, d.Messages, want...)
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			w.sessions.behind = 0
			if err := d.Arrived(gone, true); err == nil {
				t.Error("it is noted in no time")
			}
			if w.sessions.behind != feeds {
				t.Errorf("%s: %d feeds are to begin, want %d", what, w.sessions.behind, feeds)
			}
		}
		fail("a part", 1, "one", "two")
		w.is("again", w.catchUp(w.list(nothing), true), "one", "two")
		fail("the rest", 0, "three")
	})
}
