package live

import (
	"time"

	"parlor/internal/chat"
)

const (
	// maxTries bounds how often delivery of an event is tried again, retryDelay apart: the
	// database may be away for a while. After that the sessions are ended, and their devices ask
	// for what they have missed.
	maxTries   = 60
	retryDelay = time.Second
)

// tryAgain has another go at what failed.
func (s *shard) tryAgain() {
	open, failed := s.open, s.retries
	s.open, s.retries = map[chat.RoomID]behind{}, nil
	clear(s.missing)
	for room, b := range open {
		s.mend(room, b)
	}
	for _, it := range failed {
		s.handle(it)
	}
}

// unfinished reports whether something failed that is to be tried again.
func (s *shard) unfinished() bool { return len(s.retries)+len(s.open) > 0 }

// waits reports whether an event may be about a message that is still to be delivered. Messages
// themselves do not wait: what is missing before them shows.
func (s *shard) waits(e chat.InRoom) bool {
	room := e.Where().Room
	_, isSent := e.(*chat.MessageSent)
	return !isSent && (s.missing[room] || s.open[room] != behind{})
}

// retry keeps an event until failed ones are tried again.
func (s *shard) retry(it item) {
	if len(s.retries) >= maxWaiting {
		s.live.hub.DropAll("more has happened than could be told")
		s.retries = nil
		clear(s.missing)
	}
	s.retries = append(s.retries, it)
	if sent, ok := it.event.(*chat.MessageSent); ok && !sent.Bare { // a bare one is read as it is by then
		s.missing[it.event.Where().Room] = true
	}
}

func (s *shard) report(err error) {
	if err != nil {
		s.live.o.Log.Error("an event could not be delivered to sessions", "error", err)
	}
}
