package hub

import (
	"context"
	"slices"
	"time"

	"parlor/internal/chat"
)

const (
	// handedWindow is how long before the last sign that its device is there a session
	// remembers what it has written: catching up looks back 30 s, and a little more.
	handedWindow = 35 * time.Second
	// maxHanded bounds what it remembers. What is forgotten comes once more.
	maxHanded = 512
)

// handedFrame is a message, in a state, that was written to a session.
type handedFrame struct {
	message  chat.MessageID
	state    int64
	original bool
	at       time.Duration // since the session began
	arrived  bool          // the device has shown that it has it
}

// note remembers that f is being written; it must be called with the lock held.
func (s *Session) note(f *Frame) {
	if f == nil || f.Message == 0 {
		return
	}
	if len(s.handed) >= maxHanded {
		s.handed = append(s.handed[:0], s.handed[maxHanded/4:]...)
	}
	s.handed = append(s.handed, handedFrame{f.Message, f.State, f.Original, time.Since(s.Since), false})
}

// Answered says that the device has answered a ping that was sent at a time: it has all
// that was written before.
func (s *Session) Answered(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := at.Sub(s.Since)
	var kept []handedFrame // an idle session is to hold nothing
	for _, f := range s.handed {
		if !f.arrived && f.at <= asked {
			f.arrived, s.news = true, true
		}
		if f.at >= asked-handedWindow {
			kept = append(kept, f)
		}
	}
	s.handed = kept
	if s.answered != nil {
		close(s.answered)
		s.answered = nil
	}
}

// ask pings the device if it is not known whether it has all that was written; answered is
// closed when it has answered, and nil when there is nothing to ask.
func (s *Session) ask() (answered <-chan struct{}) {
	s.mu.Lock()
	open := !s.stopped && slices.ContainsFunc(s.handed, func(f handedFrame) bool { return !f.arrived })
	if open && s.answered == nil {
		s.answered = make(chan struct{})
	}
	answered = s.answered
	s.mu.Unlock()
	if !open {
		return nil
	}
	s.Ping()
	return answered
}

// Handed returns the messages that have reached a device lately by its sessions here, each
// with the newest state that has. It asks the device, and waits for the answer until ctx ends.
func (h *Hub) Handed(ctx context.Context, app chat.AppID, user chat.UserID, device string) map[chat.MessageID]int64 {
	states := map[chat.MessageID]int64{}
	for _, s := range h.sessionsOf(app, user, device) {
		if answered := s.ask(); answered != nil {
			select {
			case <-answered:
			case <-ctx.Done():
			}
		}
		for id, state := range s.Handed(time.Time{}) {
			states[id] = max(states[id], state) // the later state is the larger one
		}
	}
	return states
}

func (h *Hub) sessionsOf(app chat.AppID, user chat.UserID, device string) (list []*Session) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if m := h.apps[app][user]; m != nil {
		for _, s := range m.sessions {
			if s.Device == device {
				list = append(list, s)
			}
		}
	}
	return list
}

// Received says that a device has acted on messages: they have arrived, but changes of
// them may not have.
func (h *Hub) Received(app chat.AppID, user chat.UserID, device string, ids []int64) {
	sessions := h.sessionsOf(app, user, device)
	if len(sessions) == 0 || len(ids) == 0 {
		return
	}
	arrived := make(map[chat.MessageID]bool, len(ids))
	for _, id := range ids {
		arrived[chat.MessageID(id)] = true
	}
	for _, s := range sessions {
		s.received(arrived)
	}
}

func (s *Session) received(ids map[chat.MessageID]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.handed {
		if !f.arrived && f.original && ids[f.message] {
			s.handed[i].arrived, s.news = true, true
		}
	}
}

// Handed returns the messages that have reached the device lately, each with the newest
// state that has. What was written up to a time has reached it, too; zero for none.
func (s *Session) Handed(upTo time.Time) map[chat.MessageID]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news = false
	states := make(map[chat.MessageID]int64, len(s.handed))
	for _, f := range s.handed {
		if f.arrived || f.at <= upTo.Sub(s.Since) {
			states[f.message] = f.state
		}
	}
	return states
}

// News reports whether anything has reached the device since Handed was called.
func (s *Session) News() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news
}
