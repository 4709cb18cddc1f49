package hub

import "parlor/internal/chat"

// Batch puts several events into frames. Devices split a frame into its lines. The zero
// Batch is empty.
type Batch struct {
	data  []byte
	shown []Shown
}

// Add puts in an event that shows a message, and returns the frame of those before if that
// would grow beyond size bytes by it, or else nil.
func (b *Batch) Add(event []byte, shows Shown, size int) (full *Frame) {
	if len(b.data) > 0 && len(b.data)+1+len(event) > size {
		full = b.Frame()
	}
	if len(b.data) > 0 {
		b.data = append(b.data, '\n')
	}
	b.data = append(b.data, event...)
	shows.end = len(b.data)
	b.shown = append(b.shown, shows)
	return full
}

// Frame returns the frame of what is left, nil if there is nothing, and empties the batch.
func (b *Batch) Frame() (f *Frame) {
	if len(b.data) > 0 {
		f = NewFrame(b.data, b.shown...)
	}
	*b = Batch{}
	return f
}

// Skip has a user's devices here fed a change, in the place of frames; false if there is a
// session of a device without a name, which cannot be fed.
func (h *Hub) Skip(app chat.AppID, user chat.UserID, number int64) bool {
	h.mu.RLock()
	var sessions []*Session
	if m := h.apps[app][user]; m != nil {
		sessions = m.sessions
	}
	h.mu.RUnlock()
	for _, s := range sessions {
		if s.Device == "" {
			return false
		}
	}
	for _, s := range sessions {
		s.Skip(number)
	}
	return true
}
