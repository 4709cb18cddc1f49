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
		w := newWorld(t, st, "app", device.Limits{})
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

// TestListKeepsTheOrder: of the list that a device gets again, nothing overtakes what the device
// gets with it or afterwards: neither what is said meanwhile, nor what does not go into the answer.
func TestListKeepsTheOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		t.Run("said meanwhile", func(t *testing.T) {
			w := newWorld(t, st, "meanwhile", device.Limits{})
			w.say("one")
			w.is("a new device", w.catchUp(w.list(nothing, "one"), false), "one")
			both := func() {
				w.say("two")
				w.say("three")
			}
			w.is("again", w.catchUp(w.list(both, "one", "three"), true), "one", "two", "three")
			w.is("then", w.catchUp(w.list(nothing), true))
		})
		t.Run("a small answer", func(t *testing.T) {
			limits := device.DefaultLimits()
			limits.Messages = 1
			w := newWorld(t, st, "small", limits)
			w.say("one")
			w.is("a new device", w.catchUp(w.list(nothing, "one"), false), "one")
			w.say("two")
			w.say("three")
			w.say("four")
			w.is("again", w.catchUp(w.list(nothing, "one", "four"), true), "one", "two")
			w.is("then", w.catchUp(w.list(nothing), true), "three")
			w.is("last", w.catchUp(w.list(nothing), true), "four")
		})
	})
}
