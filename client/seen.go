package client

// seenSize is how many messages are remembered at least. What comes twice comes soon after a reconnect.
const seenSize = 1 << 15

// seen knows which messages were shown, so that each is shown once, and again only when it has changed.
// Its zero value is ready.
type seen struct {
	newer, older map[MessageID]int64 // Updated of what was shown, in Unix ms; older goes when newer is full
	newest       map[RoomID]int64    // the highest id that was shown of a room
}

// filter returns the event to show for a message, nil when there is nothing new in it. caughtUp says that it
// is no frame, but one of an answer, which does not say whether it is new.
func (s *seen) filter(e Event, caughtUp bool) Event {
	var m *Message
	switch e := e.(type) {
	case MessageSent:
		m = &e.Message
	case MessageChanged:
		m = &e.Message
	default:
		return e
	}
	updated, known := s.newer[m.ID]
	if !known {
		updated, known = s.older[m.ID]
	}
	if known && m.Updated.millis() <= updated {
		return nil
	}
	number := m.ID.number()
	_, isFrameOfNew := e.(MessageSent)
	isNew := !known && isFrameOfNew && (!caughtUp || number > s.newest[m.Room.ID])
	s.note(m, number)
	if isNew {
		return MessageSent{*m}
	}
	return MessageChanged{*m}
}

func (s *seen) note(m *Message, number int64) {
	if len(s.newer) >= seenSize || s.newer == nil {
		s.older, s.newer = s.newer, make(map[MessageID]int64, 64)
	}
	s.newer[m.ID] = m.Updated.millis()
	if s.newest == nil {
		s.newest = map[RoomID]int64{}
	}
	s.newest[m.Room.ID] = max(s.newest[m.Room.ID], number)
}
