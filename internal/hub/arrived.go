package hub

import (
	"context"
	"errors"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// note remembers what is being written, and returns the number of a ping. It must be called
// with the lock held.
func (s *Session) note(q queued) (ping uint64) {
	if q.frame == nil {
		s.ahead.Forget(q.frontier) // older frames of those changes were written before
		s.given.Forget(q.frontier)
		ping = s.arrivals.Ping(q.frontier)
		if q.answered != nil {
			s.waiting = append(s.waiting, confirmation{ping, q.answered})
		}
		return ping
	}
	for _, m := range q.frame.Shown {
		if q.frame.Fed {
			s.give(m)
		}
		s.arrivals.Wrote(m.Message, m.Seen, m.Original, time.Since(s.Since))
	}
	return 0
}

// Ping asks the device whether it is there and has what was sent. Changes below frontier
// have been delivered before.
func (s *Session) Ping(frontier int64) { s.enqueue(queued{frontier: frontier}, 0) }

// Answered says that the device has answered a ping: it has everything that was written before.
func (s *Session) Answered(ping uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals.Answered(ping)
	for len(s.waiting) > 0 && s.waiting[0].ping <= ping {
		close(s.waiting[0].done)
		s.waiting = s.waiting[1:]
	}
	if len(s.waiting) == 0 {
		s.waiting = nil // an idle session is to hold nothing
	}
}

var errGone = errors.New("the session has ended")

// Confirm pings the device and waits for the answer: then it has everything sent before.
func (s *Session) Confirm(ctx context.Context, frontier int64) error {
	answered := make(chan struct{})
	if !s.enqueue(queued{frontier: frontier, answered: answered}, 0) {
		return errGone
	}
	select {
	case <-answered:
		if s.Stopped() {
			return errGone
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// awaitLeft waits, if the session has ended, until it has left the hub or ctx ends.
func (s *Session) awaitLeft(ctx context.Context) {
	s.mu.Lock()
	if !s.stopped || s.gone {
		s.mu.Unlock()
		return
	}
	if s.left == nil {
		s.left = make(chan struct{})
	}
	left := s.left
	s.mu.Unlock()
	select {
	case <-left:
	case <-ctx.Done():
	}
}

// leave notes that the session has left the hub.
func (s *Session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone = true; s.left != nil {
		close(s.left)
		s.left = nil
	}
}

// Open reports whether something was written, or is about to be, that is not known to have arrived.
func (s *Session) Open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopped && (s.arrivals.Open() || slices.ContainsFunc(s.queue, queued.showsSomething))
}

func (q queued) showsSomething() bool { return q.frame != nil && len(q.frame.Shown) > 0 }

// Began is the change number from which on everything was delivered to the session.
func (s *Session) Began() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began
}

// First is what Began was when the session joined.
func (s *Session) First() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// Skip notes that changes up to a number were not delivered to the session; all after it are.
// The device is fed the rest.
func (s *Session) Skip(number int64) {
	s.mu.Lock()
	s.began = max(s.began, number+1)
	s.mu.Unlock()
	s.conn.Behind()
}

// SkipBehind has a user's devices here fed a change instead of sent frames, if there are many
// frames or if one of the devices is already behind. A device without a name cannot be fed.
func (h *Hub) SkipBehind(app chat.AppID, user chat.UserID, number int64, many bool) bool {
	sessions := h.sessionsOfUser(app, user)
	for _, s := range sessions {
		if s.Device == "" {
			return false
		}
		many = many || s.Backpressure() != nil
	}
	if many {
		h.Skip(app, user, number)
	}
	return many
}

// Skip has a user's devices here fed what has happened up to a change.
func (h *Hub) Skip(app chat.AppID, user chat.UserID, number int64) {
	for _, s := range h.sessionsOfUser(app, user) {
		s.Skip(number)
	}
}

func (h *Hub) sessionsOfUser(app chat.AppID, user chat.UserID) []*Session {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if m := h.apps[app][user]; m != nil {
		return m.sessions // the slice is replaced, never changed in place
	}
	return nil
}

// Arrived returns what has reached the device lately, and the number below which everything
// delivered to it has. What was written up to a time counts as arrived, too; zero for none.
func (s *Session) Arrived(upTo time.Time) (device.Known, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrivals.Known(upTo.Sub(s.Since))
}

// Forget says that what has arrived has been saved, and drops what the session remembers of
// changes below the device's cursor.
func (s *Session) Forget(cursor int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals.Forget(cursor)
}

// Unsaved reports whether anything has reached the device since Forget was called.
func (s *Session) Unsaved() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrivals.Unsaved()
}

// Arrived returns what has reached a device lately by its sessions here. It asks the device,
// and waits for the answer until ctx ends. Sessions that are ending have left by then.
func (h *Hub) Arrived(ctx context.Context, app chat.AppID, user chat.UserID, name string) device.Known {
	known := device.Known{}
	for _, s := range h.sessionsOf(app, user, name) {
		if s.Open() {
			_ = s.Confirm(ctx, 0) // whatever is not confirmed comes again
		}
		s.awaitLeft(ctx)
		arrived, _ := s.Arrived(time.Time{})
		known.Add(arrived)
	}
	return known
}

// Behind starts a feed of what a device that is connected here lacks.
func (h *Hub) Behind(app chat.AppID, user chat.UserID, name string) {
	for _, s := range h.sessionsOf(app, user, name) {
		s.conn.Behind()
	}
}

func (h *Hub) sessionsOf(app chat.AppID, user chat.UserID, name string) (list []*Session) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if m := h.apps[app][user]; m != nil {
		for _, s := range m.sessions {
			if s.Device == name {
				list = append(list, s)
			}
		}
	}
	return list
}

// Received says that a device has acted on messages: they have arrived, but later changes to
// them may not have. It reports whether the device has a session here.
func (h *Hub) Received(app chat.AppID, user chat.UserID, name string, ids []int64) bool {
	sessions := h.sessionsOf(app, user, name)
	if len(sessions) == 0 || len(ids) == 0 {
		return len(sessions) > 0
	}
	arrived := make(map[chat.MessageID]bool, len(ids))
	for _, id := range ids {
		arrived[chat.MessageID(id)] = true
	}
	for _, s := range sessions {
		s.mu.Lock()
		s.arrivals.Received(arrived)
		s.mu.Unlock()
	}
	return true
}
