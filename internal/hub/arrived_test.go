package hub_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
)

// TestQueuedIsOpen: a message that waits behind a slow write is one of which it is not known
// whether it has arrived. Whoever asks what the device has waits for it, or it would come twice.
func TestQueuedIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		c := &socket{stuck: make(chan struct{})}
		s := hub.NewSession(c, caller(ana))
		if err := h.Join(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		s.Send(hub.NewFrame([]byte("somebody types")))
		synctest.Wait() // that is being written, and shows no message
		if s.Open() {
			t.Error("a frame without a message counts as one")
		}
		s.Send(shows("m1", 1, 10))
		if !s.Open() {
			t.Error("a message that waits to be written does not count")
		}
		s.BeginFeed()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		asked := make(chan bool)
		go func() { // ends with the answer
			_, has := h.Arrived(ctx, app, ana, "phone")[1]
			asked <- has
		}()
		synctest.Wait()
		close(c.stuck)
		synctest.Wait()
		for _, n := range c.pings {
			s.Answered(n)
		}
		if !<-asked {
			t.Error("the device was not known to have what had been queued before")
		}
	})
}

// TestLateForThoseWhoCame: what is delivered late goes to the devices that were there. One that
// came after the change, or about then, is fed it instead, so that it does not come twice.
func TestLateForThoseWhoCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		highest := int64(9)
		h := hub.New(hub.Options{Directory: &people{}, Highest: func() int64 { return highest }})
		_, before := join(t, h, ana)
		highest = 10
		_, about := join(t, h, ana)
		nameless := &socket{}
		who := caller(ana)
		who.Login.Device = ""
		if err := h.Join(t.Context(), hub.NewSession(nameless, who)); err != nil {
			t.Fatal(err)
		}
		late := shows("m1", 1, 10)
		late.Late, late.Until = 10, time.Now().Add(time.Second)
		time.Sleep(2 * time.Second)
		_, after := join(t, h, ana)
		h.Notify(app, []chat.UserID{ana}, late)
		synctest.Wait()
		before.is(t, "who was there", 0, "m1")
		about.is(t, "who came about then", 0)
		nameless.is(t, "who cannot be fed", 0, "m1")
		after.is(t, "who came later", 0)
		if about.behind != 1 || after.behind+before.behind+nameless.behind != 0 {
			t.Errorf("fed: %d, %d, %d, %d times; want the one that came about then", before.behind, about.behind, nameless.behind, after.behind)
		}
	})
}
