package device_test

import (
	"testing"

	"parlor/internal/device"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestListIsNewerThanTheAnswer: a device whose first list may not have arrived gets it again,
// with what has changed. What changes between the two is not lost to it.
func TestListIsNewerThanTheAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, device.Limits{})
		w.say("one")
		w.is("a new device", w.catchUp(w.list(nothing, "one"), false), "one")
		w.say("two")
		got := w.catchUp(w.list(func() { w.edit("two") }, "two"), true)
		w.is("again", got, "two")
		got = append(got, w.catchUp(w.list(nothing), true)...)
		if last := got[len(got)-1]; last.LocalID != "two" || !last.Edited {
			t.Errorf("the device has %+v, which was edited", last)
		}
	})
}
