package live

import (
	"math"

	"parlor/internal/chat"
)

// maxBehind bounds the rooms whose events found no place that are remembered.
const maxBehind = 10_000

// behind is a room whose event found no place in the queue.
type behind struct {
	app   chat.AppID
	from  reached // where to begin, if nothing else of the room is known; zero if no message found none
	lost  bool    // something else found none: only ending the sessions makes up for it
	tries int
}

// and is b with what found no place later.
func (b behind) and(later behind) behind {
	if b.from == (reached{}) {
		b.from = later.from
	}
	b.app, b.lost = later.app, b.lost || later.lost
	return b
}

// remember notes that an event found no place; it must be called with the lock held.
func (s *shard) remember(e chat.InRoom) {
	change, ok := e.(chat.Recorded)
	if !ok {
		return // it only matters at the moment
	}
	s.live.frontier.raise(change.OfChange().Number) // sessions that begin from now on get it otherwise
	where := e.Where()
	b, ok := s.behind[where.Room]
	if !ok && len(s.behind) >= maxBehind {
		s.full = true
		return
	}
	b.app = where.App
	if sent, ok := e.(*chat.MessageSent); !ok {
		b.lost = true
	} else if b.from == (reached{}) {
		b.from = s.begin(sent.Message)
		b.from.late = true // sessions may have begun meanwhile
	}
	s.behind[where.Room] = b
}

// mend delivers what found no place in the queue for a room. If that fails, it is tried again.
func (s *shard) mend(room chat.RoomID, b behind) {
	ctx, cancel := work()
	defer cancel()
	delete(s.open, room)
	if b.lost {
		// The devices of those who are in it reconnect and ask for what they have missed.
		if err := s.live.hub.StopRoom(ctx, b.app, room, "more has happened than could be told"); err != nil {
			s.live.hub.DropAll("more has happened than could be told")
		}
		b.lost = false
	}
	if b.from == (reached{}) {
		return // no message was dropped
	}
	if _, known := s.rooms[room]; !known {
		s.rooms[room] = b.from
	}
	err := s.catchUp(ctx, chat.Place{App: b.app, Room: room}, math.MaxInt64)
	if err == nil {
		return
	}
	s.report(err)
	if b.tries++; b.tries > maxTries || len(s.open) >= maxBehind {
		s.live.hub.DropAll("something that has happened could not be told")
		return
	}
	s.open[room] = b
}
