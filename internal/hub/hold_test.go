package hub_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/hub"
)

// shows is a frame that shows a message as of a change.
func shows(text string, message chat.MessageID, number int64) *hub.Frame {
	return hub.NewFrame([]byte(text), hub.Shown{Message: message, Seen: device.Seen{State: number, Number: number}})
}

// TestHold: while a call hands out messages their frames wait, and those go that are older
// than what it has handed out.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, c := join(t, h, ana)
		release := h.Hold(app, ana, "phone")
		s.Send(shows("old", 1, 10))
		s.Send(shows("edited since", 2, 30))
		s.Send(shows("new", 3, 31))
		synctest.Wait()
		c.is(t, "ana", 0)
		release(device.Known{1: {State: 20, Number: 20}, 2: {State: 20, Number: 20}}, 25, false)
		synctest.Wait()
		c.is(t, "ana", 0, "edited since", "new")
		s.Send(shows("late and old", 2, 15))
		synctest.Wait()
		c.is(t, "ana", 0, "edited since", "new")
		if s.Began() != 25 {
			t.Errorf("the session tells of everything from %d, want 25", s.Began())
		}
	})
}

// TestHoldEnds: a call that does not end holds nothing back for longer than two seconds.
func TestHoldEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, c := join(t, h, ana)
		release := h.Hold(app, ana, "phone")
		s.Send(shows("held", 1, 10))
		time.Sleep(1900 * time.Millisecond)
		synctest.Wait()
		c.is(t, "ana", 0)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		c.is(t, "ana", 0, "held")
		release(nil, 0, false)
	})
}

// TestHoldGoesOn: a call that takes long holds back each frame for two seconds at most, so that
// the session does not end for frames that nobody has tried to write. When it ends, the next
// call has two seconds of its own.
func TestHoldGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, c := join(t, h, ana)
		release := h.Hold(app, ana, "phone")
		const frames = 1000
		for i := range frames {
			time.Sleep(10 * time.Millisecond)
			s.Send(shows("held", chat.MessageID(i+1), int64(i+1)))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if c.ended() != 0 || len(c.got) != frames {
			t.Fatalf("%d of %d frames were sent, and the session was closed with %d", len(c.got), frames, c.ended())
		}
		time.Sleep(time.Second)
		release(nil, 0, false)
		release = h.Hold(app, ana, "phone")
		time.Sleep(1900 * time.Millisecond)
		s.Send(shows("held by the next", frames+1, frames+1))
		synctest.Wait()
		if len(c.got) != frames {
			t.Errorf("%q was sent within two seconds", c.got[frames:])
		}
		release(nil, 0, false)
		synctest.Wait()
		if len(c.got) != frames+1 {
			t.Error("what the second call has held back was not sent")
		}
	})
}

// TestPingWhileHeld: the answer to a ping does not show that frames have arrived which were held
// back when it was sent, nor does the ping make the session forget what the device has.
func TestPingWhileHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, c := join(t, h, ana)
		upTo := func() int64 {
			synctest.Wait()
			s.Answered(c.pings[len(c.pings)-1])
			_, number := s.Arrived(time.Time{})
			return number
		}
		release := h.Hold(app, ana, "phone")
		s.Ping(10)
		if got := upTo(); got != 10 {
			t.Errorf("nothing is held back, and all below %d has arrived, want 10", got)
		}
		release(device.Known{1: {State: 15, Number: 15}}, 16, false)
		release = h.Hold(app, ana, "phone")
		s.Send(shows("old", 1, 12))
		s.Send(shows("held", 2, 20))
		s.Ping(21)
		if got := upTo(); got != 10 {
			t.Errorf("a message is held back, and all below %d has arrived, want 10", got)
		}
		release(nil, 0, false)
		s.Ping(21)
		if got := upTo(); got != 21 {
			t.Errorf("all below %d has arrived, want 21", got)
		}
		c.is(t, "ana", 0, "held")
	})
}

// TestBackpressureWhileHeld: what is held back counts for those who cause more of it.
func TestBackpressureWhileHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, _ := join(t, h, ana)
		release := h.Hold(app, ana, "phone")
		for i := range chat.MessageID(300) {
			s.Send(shows("an echo", i+1, int64(i+1)))
		}
		drained := s.Backpressure()
		if !waits(drained) {
			t.Fatal("300 frames are held back, and there is room for more")
		}
		release(nil, 0, false)
		<-drained
	})
}

// TestFeed: while a device is fed its session leaves messages out, and the feed does not end
// before those were fed, too.
func TestFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, c := join(t, h, ana)
		h.Hold(app, ana, "phone")(device.Known{1: {State: 1, Number: 1}}, 5, true) // there is more
		s.Send(shows("left out", 2, 10))
		s.Send(hub.NewFrame([]byte("no message")))
		fed := shows("fed", 2, 10)
		fed.Fed = true
		s.Send(fed)
		synctest.Wait()
		c.is(t, "ana", 0, "no message", "fed")
		if s.EndFeed(10) {
			t.Error("the feed ends below what was left out")
		}
		if !s.EndFeed(11) {
			t.Error("the feed does not end")
		}
		s.Send(shows("again", 2, 10)) // what was fed does not come again
		late := shows("again, edited since", 2, 11)
		late.Late, late.Until = 10, time.Now().Add(time.Second)
		s.Send(late)
		s.Send(shows("the edit", 2, 11))
		s.Send(shows("live", 3, 12))
		synctest.Wait()
		c.is(t, "ana", 0, "no message", "fed", "the edit", "live")
	})
}

// TestFedBeforeAnEdit: two changes of a message may have one number, where the later transaction began
// earlier. A device that was fed the message between them gets the second.
func TestFedBeforeAnEdit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, c := join(t, h, ana)
		s.SendFed([]*hub.Frame{shows("read", 1, 10)})
		synctest.Wait()
		s.Send(hub.NewFrame([]byte("edited"), hub.Shown{Message: 1, Seen: device.Seen{State: 11, Number: 10}}))
		s.Send(shows("read, again", 1, 10))
		synctest.Wait()
		c.is(t, "ana", 0, "read", "edited")
	})
}

// TestConfirm: a device's answer to a ping says that it has what was written before, and
// nothing of what was written after.
func TestConfirm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{Directory: &people{}})
		s, c := join(t, h, ana)
		s.Send(shows("one", 1, 10))
		confirmed := make(chan error, 1)
		go func() { confirmed <- s.Confirm(t.Context(), 11) }() // ends with the answer
		synctest.Wait()
		s.Send(shows("two", 2, 12))
		synctest.Wait()
		if len(c.pings) != 1 {
			t.Fatalf("pings: %v, want one", c.pings)
		}
		s.Answered(c.pings[0])
		if err := <-confirmed; err != nil {
			t.Errorf("confirm: %v", err)
		}
		known, upTo := s.Arrived(time.Time{})
		if _, has := known[1]; len(known) != 1 || !has || upTo != 11 {
			t.Errorf("arrived: %v up to %d, want message 1 up to 11", known, upTo)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Confirm(ctx, 13); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a device that does not answer: %v", err)
		}
	})
}
