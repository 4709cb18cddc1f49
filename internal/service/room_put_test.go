package service_test

import (
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestRepeatedPutRoom: backends put a room at every page view. Once a node knows that the room
// is there, such a call does not try to make it.
func TestRepeatedPutRoom(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		first := storetest.Open(t, o)
		app, err := first.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		up := chat.RoomUpdate{XCID: "r", Type: chat.Group, Name: "Room"}
		maker := service.New(first, powertalk.Dialect{}, service.Options{}).Backend(app)
		if _, _, err := maker.PutRoom(t.Context(), up); err != nil {
			t.Fatal(err)
		}
		var commits atomic.Int64
		o.Observe = func(int, time.Duration) { commits.Add(1) }
		caller := service.New(storetest.Open(t, o), powertalk.Dialect{}, service.Options{}).Backend(app)
		if o.DSN == "" { // the only one who writes
			caller = maker
		}
		for range 2 {
			commits.Store(0)
			if _, _, err := caller.PutRoom(t.Context(), up); err != nil {
				t.Fatal(err)
			}
		}
		if n := commits.Load(); n > 1 {
			t.Errorf("a call that changes nothing took %d commits", n)
		}
	})
}
