package live

import (
	"context"
	"math"

	"parlor/internal/chat"
)

// message tells of a new message in its turn. Numbers have no gaps, so one that is
// missing shows, and is there to be read: a message's number is given out under the lock
// that the message before it has let go of at its commit.
func (s *shard) message(ctx context.Context, it item) error {
	m := it.event.Message
	if m == nil {
		return nil
	}
	at, known := s.rooms[m.Room]
	if known && m.Seq <= at.seq {
		if m.CreatedAt <= at.createdAt {
			return nil // told already
		}
		s.fellBack(m)
		known = false
	}
	switch {
	case known && m.Seq > at.seq+1:
		if err := s.catchUp(ctx, m.App, m.Room, at, m.Seq-1); err != nil {
			return err
		}
	case !known && s.live.o.Bus != nil && m.Seq > 1:
		// Another node's message may have overtaken this one's predecessor.
		from := place{createdAt: m.CreatedAt - recently.Milliseconds()}
		if err := s.catchUp(ctx, m.App, m.Room, from, m.Seq-1); err != nil {
			return err
		}
	}
	if m.LocalID == "" { // only its number came over the bus
		return s.catchUp(ctx, m.App, m.Room, place{seq: m.Seq - 1, createdAt: m.CreatedAt - 1}, m.Seq)
	}
	return s.tell(ctx, m, it.recovered)
}

// tellBefore tells of the messages that an event is about, where another node's event has
// overtaken them.
func (s *shard) tellBefore(ctx context.Context, e chat.Event) error {
	about := int64(0)
	if e.Message != nil {
		about = e.Message.CreatedAt
	}
	if n := len(e.Times); n > 0 {
		about = max(about, e.Times[n-1])
	}
	at, known := s.rooms[e.Room]
	if about == 0 || s.live.o.Bus == nil || known && at.createdAt >= about {
		return nil
	}
	if !known {
		at = place{createdAt: about - recently.Milliseconds()}
	}
	return s.catchUp(ctx, e.App, e.Room, at, math.MaxInt64)
}

// fellBack forgets a room whose numbers have gone back: a later message has one that was
// told before. The database has lost its last commits, as by a failover to a standby that
// lacked them. Who is in which room may have gone back as well.
func (s *shard) fellBack(m *chat.Message) {
	s.live.o.Log.Warn("the database has fallen back to an earlier state", "room", m.Room, "number", m.Seq)
	delete(s.rooms, m.Room)
	s.live.hub.ForgetAll()
}

// catchUp reads and tells of the messages of a room behind a place, up to number upTo.
// Where nothing was told of the room before, sessions that began after a message have
// it already.
func (s *shard) catchUp(ctx context.Context, app chat.AppID, room chat.RoomID, from place, upTo int64) error {
	_, known := s.rooms[room]
	for {
		list, err := s.live.o.Store.MessagesAfter(ctx, room, from.createdAt, math.MaxInt64, maxGap)
		if err != nil {
			return err
		}
		for i := range list {
			m := &list[i]
			if m.Seq > upTo {
				return nil
			}
			if m.Seq <= s.rooms[room].seq || m.App != app {
				continue
			}
			if err := s.tell(ctx, m, !known); err != nil {
				return err
			}
		}
		if len(list) < maxGap {
			return nil
		}
		from.createdAt = list[len(list)-1].CreatedAt
	}
}

// tell hands a message to the sessions and remembers that. A recovered one goes to those
// that were there when it was sent.
func (s *shard) tell(ctx context.Context, m *chat.Message, recovered bool) error {
	if len(s.rooms) >= maxRooms {
		s.forgetSome()
	}
	s.live.told.raise(m.Number)
	if err := s.live.sent(ctx, m, recovered); err != nil {
		return err
	}
	s.rooms[m.Room] = place{m.Seq, m.CreatedAt}
	return nil
}

// forgetSome makes place for other rooms, the longest silent of some first.
func (s *shard) forgetSome() {
	old := s.live.o.Now().Add(-10 * recently).UnixMilli()
	for room, at := range s.rooms {
		if at.createdAt < old {
			delete(s.rooms, room)
		}
	}
	for room := range s.rooms {
		if len(s.rooms) < maxRooms*9/10 {
			return
		}
		delete(s.rooms, room)
	}
}
