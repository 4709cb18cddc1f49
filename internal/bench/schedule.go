package bench

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// How a schedule's people are distributed: as in groups of ten, each of whom is in fifty rooms. No
// two of its messages are of the same sender in the same room: the server would send them together.
const (
	scheduleRoom      = 10 // senders of a room
	scheduleRooms     = 50 // rooms of a sender
	scheduleObservers = 8  // sockets at which the messages arrive, each with a part of the rooms
	// scheduledMost bounds the messages of a schedule.
	scheduledMost = 1_000_000
	// rehearsedShare is which part of them is scheduled for once to see how fast that goes.
	rehearsedShare = 50
	// rehearsedFor is when those would be sent if they were not dropped again.
	rehearsedFor = 24 * time.Hour
	// scheduledLate is how long after its time the last message is waited for.
	scheduledLate = 5 * time.Minute
)

// schedule is messages of many people that the server is to send later. Each round schedules them
// anew, through the calls of apps, and sees when they arrive.
type schedule struct {
	g       *rig
	t       target
	n       int
	spread  time.Duration // between the first and the last time; 0 means that all are due at once
	devices []device
	rooms   []string
	failed  chan error

	rate     float64 // a second, of scheduling them; 0 before that is known
	overtook int     // rounds in which the first was due before all had been scheduled

	mu     sync.Mutex
	due    map[string]time.Time // by localID, of what has not arrived; nil before the first round
	tooks  []time.Duration
	first  time.Time // when the first is due
	last   time.Time // when the last has arrived
	sent   atomic.Int64
	all    chan struct{} // closed when all have arrived
	reader sync.WaitGroup
}

// newSchedule makes the people, the rooms and those who listen.
func (g *rig) newSchedule(ctx context.Context, t target, n int, spread time.Duration) (*schedule, error) {
	s := &schedule{g: g, t: t, n: n, spread: spread, failed: make(chan error, 1)}
	rooms := (n + scheduleRoom - 1) / scheduleRoom
	groups := (rooms + scheduleRooms - 1) / scheduleRooms
	var err error
	if s.devices, err = g.signIn(ctx, t, "sender", groups*scheduleRoom); err != nil {
		return nil, err
	}
	observers, err := g.signIn(ctx, t, "observer", scheduleObservers)
	if err != nil {
		return nil, err
	}
	s.rooms, err = g.roomsOfDevices(ctx, t, "room", rooms, func(room int) []string {
		people := []string{g.xc("observer", room%scheduleObservers)}
		for i := range scheduleRoom {
			people = append(people, g.xc("sender", senderOf(room, i)))
		}
		return people
	})
	if err != nil {
		return nil, err
	}
	sockets, err := g.connect(ctx, t, observers)
	if err != nil {
		return nil, err
	}
	for _, socket := range sockets {
		s.reader.Go(func() { // ends with the socket
			select {
			case s.failed <- s.read(socket):
			default: // the first failure says enough
			}
		})
	}
	g.closers = append(g.closers, func() error {
		closeAll(sockets)
		s.reader.Wait()
		return nil
	})
	return s, nil
}

// senderOf is who sends the ith message of a room.
func senderOf(room, i int) int { return room/scheduleRooms*scheduleRoom + i%scheduleRoom }

// load is a round of the schedule, whose pieces are by how much the messages came late.
func (s *schedule) load(ctx context.Context, name, what string) load {
	return load{
		name: name, what: what + "; the times are from when each is due until it has arrived at a socket",
		workers: len(s.devices), cpu: s.t.cpu,
		before: func() error { return s.fill(ctx) },
		state: func() string {
			if left := time.Until(s.first); left > 0 {
				return fmt.Sprintf("the first is due in %.0f s", left.Seconds())
			}
			return fmt.Sprintf("%s of %s came", thousands(s.sent.Load()), thousands(int64(s.n)))
		},
		whole: func(ctx context.Context) (time.Duration, []time.Duration, error) {
			if err := s.wait(ctx); err != nil {
				return 0, nil, s.t.fate(err)
			}
			return s.last.Sub(s.first), s.tooks, nil
		},
	}
}

// fill schedules the messages. How long that will take is guessed from the round before.
func (s *schedule) fill(ctx context.Context) error {
	if s.rate == 0 {
		if err := s.rehearse(ctx); err != nil {
			return err
		}
	}
	begun := time.Now()
	lead := time.Duration(float64(s.n)/s.rate*leadFactor*float64(time.Second)) + s.g.sizes.lead
	s.mu.Lock()
	// The wire has milliseconds, and no message may seem to be early.
	s.first = begun.Add(lead).Truncate(time.Millisecond)
	s.due, s.tooks = make(map[string]time.Time, s.n), make([]time.Duration, 0, s.n)
	s.all = make(chan struct{})
	s.sent.Store(0)
	s.mu.Unlock()
	w := work{label: "schedule", what: "messages scheduled", n: s.n, connections: setupConnections}
	err := s.g.callAll(ctx, s.t, w, func(c *conn, i int) error {
		_, err := s.add(c, i, s.time(i))
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(begun)
	if took > lead {
		s.overtook++
	}
	s.rate = float64(s.n) / took.Seconds()
	return nil
}

// leadFactor is how many times as long as guessed scheduling may take.
const leadFactor = 1.4

// time is when the ith message is due. Neighbours are not due one after the other.
func (s *schedule) time(i int) time.Time {
	place := time.Duration(int64(i) * 7919 % int64(s.n))
	return s.first.Add((s.spread * place / time.Duration(s.n)).Truncate(time.Millisecond))
}

// rehearse schedules a few of the messages and drops them again, to see how fast that goes.
func (s *schedule) rehearse(ctx context.Context) error {
	ids := make([]int64, max(1, s.n/rehearsedShare))
	w := work{label: "rehearse", what: "messages scheduled", n: len(ids), connections: setupConnections}
	begun := time.Now()
	err := s.g.callAll(ctx, s.t, w, func(c *conn, i int) (err error) {
		ids[i], err = s.add(c, i, begun.Add(rehearsedFor))
		return err
	})
	if err != nil {
		return err
	}
	s.rate = float64(len(ids)) / time.Since(begun).Seconds()
	w.what = "messages dropped"
	return s.g.callAll(ctx, s.t, w, func(c *conn, i int) error {
		c.address("/v1/chat/scheduled_message/delete", bearer(s.devices[senderOf(i/scheduleRoom, i)].access))
		_, err := c.post(jsonBody(nil, map[string]any{"ids": []int64{ids[i]}}))
		return err
	})
}

// add schedules the ith message, and waits for it if it is due in this round.
func (s *schedule) add(c *conn, i int, at time.Time) (id int64, err error) {
	room := i / scheduleRoom
	localID, object, err := messageObject(s.rooms[room], plainBody())
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	if s.due != nil {
		s.due[localID] = at
	}
	s.mu.Unlock()
	c.address("/v1/chat/scheduled_message/create", bearer(s.devices[senderOf(room, i)].access))
	answer, err := c.post([]byte(`{"message":` + object + `,"scheduledTime":` + strconv.FormatInt(at.UnixMilli(), 10) + `}`))
	if err != nil {
		return 0, err
	}
	var data struct{ CreatedItem struct{ ID int64 } }
	err = decodeData(answer, &data)
	return data.CreatedItem.ID, err
}

// read returns what has ended it.
func (s *schedule) read(socket *socket) error {
	for {
		frame, err := socket.read()
		if err != nil {
			return err
		}
		now := time.Now()
		for event := range eventsIn(frame) {
			if localID := localIDOf(event); localID != "" {
				s.arrived(localID, now)
			}
		}
	}
}

// arrived notes a message, unless it is none of the schedule's.
func (s *schedule) arrived(localID string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, mine := s.due[localID]
	if !mine {
		return
	}
	delete(s.due, localID)
	s.tooks = append(s.tooks, now.Sub(at))
	s.last = now
	if s.sent.Add(1) == int64(s.n) {
		close(s.all)
	}
}

// wait returns when all have arrived.
func (s *schedule) wait(ctx context.Context) error {
	late := time.NewTimer(time.Until(s.first) + s.spread + scheduledLate)
	defer late.Stop()
	select {
	case <-s.all:
		for _, took := range s.tooks {
			if took < 0 {
				return fmt.Errorf("a message came %v early", -took)
			}
		}
		return nil
	case err := <-s.failed:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-late.C:
		return fmt.Errorf("%s of %s messages came: %w", thousands(s.sent.Load()), thousands(int64(s.n)), errLate)
	}
}

// notes says what the figures do not.
func (s *schedule) notes() []string {
	if s.overtook == 0 {
		return nil
	}
	return []string{fmt.Sprintf("in %d rounds the first messages were due before all had been scheduled, "+
		"and count as late from their time on", s.overtook)}
}
