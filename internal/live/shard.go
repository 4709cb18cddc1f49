package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"parlor/internal/chat"
)

const (
	// maxWaiting bounds the events that wait in one shard.
	maxWaiting = 16_384
	// maxGap bounds the messages that are read at a time to fill a gap.
	maxGap = 500
	// maxRooms bounds the rooms whose newest message a shard remembers.
	maxRooms = 50_000
	// recently is how far before the first message that arrives of a room others may have been
	// sent that have not arrived.
	recently = 30 * time.Second
)

// item is an event that waits or, in its place, a barrier.
type item struct {
	event     chat.InRoom
	recovered bool // read from the database because it may have been missed
	tries     int
	barrier   *barrier
}

// shard delivers the events of some rooms, one after the other.
type shard struct {
	live *Live

	// Owned by the worker.
	rooms   map[chat.RoomID]reached
	retries []item                 // could not be delivered yet, in their order
	missing map[chat.RoomID]bool   // a message is among the retries
	open    map[chat.RoomID]behind // could not be read yet
	again   time.Time              // when both are tried again
	horizon int64                  // of the database, when it was asked last
	asked   time.Time
	held    []*barrier

	mu     sync.Mutex
	queue  []item
	behind map[chat.RoomID]behind
	full   bool // more rooms are behind than can be remembered
	ready  chan struct{}
}

// reached is the newest message of a room that was delivered, or a place before the first that
// is to be.
type reached struct {
	seq       int64 // 0 where only the time is known
	createdAt int64 // Unix ms
	// late says that what follows may have been sent long ago, up to the end of a catch-up: sessions
	// that began after a message have it already.
	late bool
}

// before is the place in front of a message.
func before(m *chat.Message) reached { return reached{seq: m.Seq - 1, createdAt: m.CreatedAt - 1} }

func newShard(l *Live) *shard {
	return &shard{
		live: l, rooms: map[chat.RoomID]reached{}, missing: map[chat.RoomID]bool{}, open: map[chat.RoomID]behind{},
		behind: map[chat.RoomID]behind{}, ready: make(chan struct{}, 1),
	}
}

// put queues an event. It does not block.
func (s *shard) put(it item) {
	s.mu.Lock()
	if it.barrier != nil || len(s.queue) < maxWaiting {
		s.queue = append(s.queue, it)
	} else {
		s.live.drop()
		s.remember(it.event)
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

// todo is what there is to do.
type todo struct {
	queue  []item
	behind map[chat.RoomID]behind
	full   bool
}

// take waits for what there is to do, or until it is time to try again. ok is false at the end.
func (s *shard) take(ctx context.Context) (t todo, ok bool) {
	var again <-chan time.Time
	if s.unfinished() {
		timer := time.NewTimer(time.Until(s.again))
		defer timer.Stop()
		again = timer.C
	}
	for {
		s.mu.Lock()
		t = todo{s.queue, s.behind, s.full}
		s.queue, s.behind, s.full = nil, map[chat.RoomID]behind{}, false
		s.mu.Unlock()
		if len(t.queue)+len(t.behind) > 0 || t.full {
			return t, true
		}
		select {
		case <-s.ready:
		case <-again:
			return t, true
		case <-ctx.Done():
			return t, false
		}
	}
}

// run delivers events until ctx ends.
func (s *shard) run(ctx context.Context) {
	for {
		t, ok := s.take(ctx)
		if !ok {
			return
		}
		due := !time.Now().Before(s.again)
		if due { // what failed comes first: what is behind it is later
			s.tryAgain()
		}
		for _, it := range t.queue {
			s.handle(it)
		}
		for room, b := range t.behind {
			if open, ok := s.open[room]; ok { // tried again with what is behind it
				s.open[room] = open.and(b)
				continue
			}
			s.mend(room, b)
		}
		if t.full {
			s.live.hub.DropAll("more has happened than could be told")
		}
		if due && s.unfinished() {
			s.again = time.Now().Add(retryDelay)
		}
		s.letPass()
	}
}

// letPass lets barriers pass, unless something from before them is still to be delivered.
func (s *shard) letPass() {
	if s.unfinished() {
		return
	}
	for _, m := range s.held {
		m.pass()
	}
	s.held = nil
}

// handle delivers an event. If that fails, since what it shows could not be read, it is tried
// again: devices that stay connected would not ask for it.
func (s *shard) handle(it item) {
	if it.barrier != nil {
		s.held = append(s.held, it.barrier)
		return
	}
	change, isRecorded := it.event.(chat.Recorded)
	if isRecorded {
		s.live.frontier.raise(change.OfChange().Number)
		if s.waits(it.event) {
			s.retry(it)
			return
		}
	}
	ctx, cancel := work()
	defer cancel()
	err := s.try(ctx, it)
	if err == nil {
		return
	}
	if !errors.Is(err, errUnderWay) { // that is no failure, and ends with the transaction
		s.report(err)
		it.tries++
	}
	if !isRecorded {
		return
	}
	if it.tries > maxTries {
		s.live.hub.DropAll("something that has happened could not be told")
		return
	}
	s.retry(it)
}

func (s *shard) try(ctx context.Context, it item) error {
	underWay, err := s.underWay(ctx, it.event) // before anything is read
	if err != nil {
		return err
	}
	if sent, ok := it.event.(*chat.MessageSent); ok {
		err = s.message(ctx, sent, it.recovered)
		if err == nil && underWay && s.rooms[sent.Room].seq < sent.Message.Seq {
			return errUnderWay
		}
		return err
	}
	if underWay {
		return errUnderWay
	}
	if err := s.deliverBefore(ctx, it.event); err != nil {
		return err
	}
	switch e := it.event.(type) {
	case *chat.MessageChanged:
		return s.live.changed(ctx, e)
	case *chat.ReceiptsAdded:
		return s.live.receipts(ctx, e)
	case *chat.MessagesHidden:
		return s.live.hidden(ctx, e)
	case *chat.ParticipantsLeft:
		s.live.left(e)
	case *chat.PreferenceChanged:
		return s.live.preference(ctx, e, it.tries > 0)
	case *chat.BlockChanged:
		return s.live.blocked(ctx, e, it.tries > 0)
	case *chat.ScheduleChanged:
		return s.live.scheduled(ctx, e)
	case *chat.Typing:
		return s.live.typing(ctx, e)
	}
	return nil
}
