package live

import (
	"context"
	"math"
	"sync"
	"time"

	"parlor/internal/chat"
)

const (
	// maxWaiting bounds the events that wait in one shard.
	maxWaiting = 16_384
	// maxGap bounds the messages that are read at a time to fill a gap.
	maxGap = 1000
	// maxRooms bounds the rooms whose newest message a shard remembers.
	maxRooms = 50_000
	// recently is how long ago the first message that is heard of a room may have had
	// others before it that were not heard.
	recently = 30 * time.Second
)

// item is an event that waits.
type item struct {
	event     chat.Event
	recovered bool // read from the database because it may have been missed
	tries     int
}

const (
	// maxTries bounds how often an event is tried that could not be told, retryDelay apart:
	// the database may be away for a while.
	maxTries   = 60
	retryDelay = time.Second
)

// shard tells of the events of some rooms, one after the other.
type shard struct {
	live  *Live
	rooms map[chat.RoomID]place // of the worker alone

	mu    sync.Mutex
	queue []item
	// behind are the rooms of messages that found no place in the queue, with the newest
	// one's App: they are read from the database.
	behind map[chat.RoomID]chat.AppID
	ready  chan struct{}
}

// place is the newest message of a room that sessions were told of.
type place struct {
	seq       int64
	createdAt int64
}

func newShard(l *Live) *shard {
	return &shard{live: l, rooms: map[chat.RoomID]place{}, behind: map[chat.RoomID]chat.AppID{}, ready: make(chan struct{}, 1)}
}

// put queues an event. It does not block.
func (s *shard) put(it item) {
	s.mu.Lock()
	if len(s.queue) < maxWaiting {
		s.queue = append(s.queue, it)
	} else {
		s.live.drop()
		if it.event.Kind == chat.EventMessageSent {
			s.behind[it.event.Room] = it.event.App
		}
	}
	s.mu.Unlock()
	s.wake()
}

func (s *shard) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// take waits for what there is to do. ok is false at the end.
func (s *shard) take() (queue []item, behind map[chat.RoomID]chat.AppID, ok bool) {
	for {
		s.mu.Lock()
		queue, behind = s.queue, s.behind
		s.queue, s.behind = nil, map[chat.RoomID]chat.AppID{}
		s.mu.Unlock()
		if len(queue)+len(behind) > 0 {
			return queue, behind, true
		}
		select {
		case <-s.ready:
		case <-s.live.stop:
			return nil, nil, false
		}
	}
}

// run tells of events until the Live stops.
func (s *shard) run() {
	for {
		queue, behind, ok := s.take()
		if !ok {
			return
		}
		for _, it := range queue {
			s.handle(it)
		}
		for room, app := range behind {
			ctx, cancel := work()
			if at, known := s.rooms[room]; known {
				s.report(s.catchUp(ctx, app, room, at, math.MaxInt64))
			}
			cancel()
		}
	}
}

func (s *shard) report(err error) {
	if err != nil {
		s.live.o.Log.Error("sessions could not be told of an event", "error", err)
	}
}

// handle tells of an event. One that could not be told, since what it shows could not be
// read, is tried again: devices that stay connected would not ask for it.
func (s *shard) handle(it item) {
	ctx, cancel := work()
	defer cancel()
	err := s.try(ctx, it)
	s.report(err)
	if err == nil || it.event.Kind == chat.EventTyping || it.tries >= maxTries {
		return
	}
	if m := it.event.Message; m != nil && it.event.Kind == chat.EventMessageSent {
		if _, known := s.rooms[m.Room]; !known { // what comes next is not to pass it by
			s.rooms[m.Room] = place{m.Seq - 1, m.CreatedAt - 1}
		}
	}
	it.tries++
	time.AfterFunc(retryDelay, func() { s.put(it) })
}

func (s *shard) try(ctx context.Context, it item) error {
	e := it.event
	switch e.Kind {
	case chat.EventMessageSent:
		return s.message(ctx, it)
	case chat.EventMessageChanged:
		return s.live.changed(ctx, e)
	case chat.EventMessagesMarked:
		return s.live.marked(ctx, e)
	case chat.EventMessagesHidden:
		return s.live.hidden(ctx, e)
	case chat.EventRoomPreference:
		return s.live.preference(ctx, e)
	case chat.EventTyping:
		return s.live.typing(ctx, e)
	}
	return nil
}

// message tells of a new message in its turn. Numbers have no gaps, so one that is
// missing shows, and is there to be read: a message's number is given out under the lock
// that the message before it has let go of at its commit.
func (s *shard) message(ctx context.Context, it item) error {
	m := it.event.Message
	if m == nil {
		return nil
	}
	at, known := s.rooms[m.Room]
	switch {
	case known && m.Seq <= at.seq:
		return nil // told already
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
		return s.catchUp(ctx, m.App, m.Room, place{m.Seq - 1, m.CreatedAt - 1}, m.Seq)
	}
	return s.tell(ctx, m, it.recovered)
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

// clockMargin is how far the clocks of nodes may be apart, and how long a commit may take:
// whose session began that much later than a message may not have it yet.
const clockMargin = 2 * time.Second

// tell hands a message to the sessions and remembers that. A recovered one goes to those
// that were there when it was sent.
func (s *shard) tell(ctx context.Context, m *chat.Message, recovered bool) error {
	if len(s.rooms) >= maxRooms {
		s.forgetSome()
	}
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
