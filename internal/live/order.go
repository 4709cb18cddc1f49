package live

import (
	"context"
	"math"

	"parlor/internal/chat"
)

// message delivers a new message in its turn. Numbers have no gaps, so a missing one shows,
// and can be read: a message gets its number under the lock that the message before it
// released at its commit.
func (s *shard) message(ctx context.Context, e *chat.MessageSent, recovered bool) error {
	m := e.Message
	at, known := s.rooms[m.Room]
	if known && m.Seq <= at.seq {
		if m.CreatedAt <= at.createdAt || e.Unsure {
			return nil // delivered already, or rolled back, and another one has got its number
		}
		s.fellBack(m)
		known = false
	}
	if !known {
		at = s.begin(m)
		s.rooms[m.Room] = at // if this fails, what comes next must not overtake it
	}
	if e.Bare { // only its position came over the bus
		return s.catchUp(ctx, e.Place, m.Seq)
	}
	if m.Seq > at.seq+1 {
		if err := s.catchUp(ctx, e.Place, m.Seq-1); err != nil {
			return err
		}
	}
	return s.deliver(ctx, e, recovered)
}

// begin is the place before the first message that arrives of a room. With a bus it is some time
// before: another node's message may have overtaken this one's predecessor.
func (s *shard) begin(m *chat.Message) reached {
	if s.live.o.Bus == nil || m.Seq == 1 {
		return before(m)
	}
	return lookBack(m.CreatedAt)
}

// lookBack is the place from which on messages may have been overtaken by one of a time.
func lookBack(createdAt int64) reached {
	return reached{createdAt: createdAt - recently.Milliseconds(), late: true}
}

// deliverBefore delivers the messages that an event is about, where another node's event has
// overtaken them.
func (s *shard) deliverBefore(ctx context.Context, e chat.InRoom) error {
	about, where := newestOf(e), e.Where()
	at, known := s.rooms[where.Room]
	if about == 0 || s.live.o.Bus == nil || known && at.createdAt >= about {
		return nil
	}
	if !known {
		if about < s.live.o.Now().Add(-recently).UnixMilli() {
			return nil // nothing overtakes a message for so long, and there may be much after it
		}
		s.rooms[where.Room] = lookBack(about)
	}
	return s.catchUp(ctx, where, math.MaxInt64)
}

// newestOf is the time of the newest message that an event is about, 0 for none.
func newestOf(e chat.InRoom) int64 {
	var times []int64
	switch e := e.(type) {
	case *chat.MessageChanged:
		return e.Message.CreatedAt
	case *chat.ReceiptsAdded:
		times = e.Times
	case *chat.MessagesHidden:
		times = e.Times
	}
	if len(times) == 0 {
		return 0
	}
	return times[len(times)-1]
}

// fellBack forgets a room whose numbers have gone back: a later message has a number that was
// delivered before. The database has lost its last commits, as in a failover to a standby that
// lacked them. Who is in which room may have gone back as well.
func (s *shard) fellBack(m *chat.Message) {
	s.live.o.Log.Warn("the database has fallen back to an earlier state", "room", m.Room, "number", m.Seq)
	delete(s.rooms, m.Room)
	s.live.hub.ForgetAll()
}

// catchUp reads and delivers the messages of a room after the one that was delivered last, up to
// number upTo. If it fails, the next one goes on from there.
func (s *shard) catchUp(ctx context.Context, where chat.Place, upTo int64) error {
	from := s.rooms[where.Room]
	for {
		list, err := s.live.o.Store.MessagesAfter(ctx, where.Room, from.createdAt, math.MaxInt64, maxGap)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			// One of them may have added somebody to the room, which the stored message no longer says.
			s.live.hub.Forget(where.Room)
		}
		for i := range list {
			m := &list[i]
			if m.Seq > upTo {
				s.caughtUp(where.Room)
				return nil
			}
			if m.Seq <= s.rooms[where.Room].seq || m.App != where.App {
				continue
			}
			if err := s.deliver(ctx, stored(m), from.late); err != nil {
				return err
			}
		}
		if len(list) < maxGap {
			s.caughtUp(where.Room)
			return nil
		}
		from.createdAt = list[len(list)-1].CreatedAt
	}
}

// caughtUp notes that a catch-up has ended: what comes next in the room is new.
func (s *shard) caughtUp(room chat.RoomID) {
	if at, known := s.rooms[room]; known {
		at.late = false
		s.rooms[room] = at
	}
}

// deliver has the sessions get a message, and remembers that. A recovered one goes to those
// that were there when it was sent.
func (s *shard) deliver(ctx context.Context, e *chat.MessageSent, recovered bool) error {
	m := e.Message
	late := s.rooms[m.Room].late // one message is not yet all that was missing
	if len(s.rooms) >= maxRooms {
		s.forgetSome()
	}
	s.live.frontier.raise(m.Number)
	if err := s.live.sent(ctx, e, recovered); err != nil {
		return err
	}
	s.rooms[m.Room] = reached{m.Seq, m.CreatedAt, late}
	return nil
}

// stored is the event of a message that was read from the database.
func stored(m *chat.Message) *chat.MessageSent {
	return &chat.MessageSent{
		Change: chat.Change{Number: m.Added}, Place: chat.Place{App: m.App, Room: m.Room}, Message: m,
	}
}

// forgetSome makes space for other rooms, dropping those that have been silent first.
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
