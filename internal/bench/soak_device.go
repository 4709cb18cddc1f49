package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// soakRoom is how many people are in a room of a soak.
const soakRoom = 10

// soakCounts is what a crowd has done so far.
type soakCounts struct{ messages, calls, reconnects, events atomic.Int64 }

// String is part of a line of the progress.
func (c *soakCounts) String() string {
	return fmt.Sprintf("%s messages, %s calls, %s reconnects, %s events came", thousands(c.messages.Load()),
		thousands(c.calls.Load()), thousands(c.reconnects.Load()), thousands(c.events.Load()))
}

// soaker is one of the people of a soak, with a device and a bit of the customer's backend.
type soaker struct {
	rig    *rig
	t      target
	number int
	device device
	rooms  []string // roomIDs of all; those from number-soakRoom+1 to number are theirs
	counts *soakCounts

	api    *conn
	socket *socket
	ended  chan struct{} // closed when nobody reads the socket any more
	echo   chan struct{}
	turn   int

	mu      sync.Mutex
	waits   string   // localID of what was sent and has not come back
	unread  []string // messageIDs of others'
	created int64    // when the newest was created
	why     error    // the socket ended
}

// live does something each time that pace has passed, until over is closed.
func (s *soaker) live(ctx context.Context, over <-chan struct{}, pace time.Duration) (err error) {
	if s.api, err = dial(ctx, s.t); err != nil {
		return err
	}
	defer s.api.close()
	if err := s.open(ctx); err != nil {
		return err
	}
	defer s.hangUp()
	// Not all at the same moment.
	next := time.NewTimer(pace * time.Duration(s.number) / time.Duration(len(s.rooms)))
	defer next.Stop()
	acts := s.acts()
	for s.turn = s.number; ; s.turn++ {
		select {
		case <-next.C:
		case <-over:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.ended:
			return s.lost()
		}
		next.Reset(pace)
		if err := acts[s.turn*7%len(acts)](ctx); err != nil {
			return err
		}
	}
}

func (s *soaker) open(ctx context.Context) error {
	sock, err := dialSocket(ctx, s.t, bearer(s.device.access))
	if err != nil {
		return err
	}
	s.socket, s.ended, s.echo = sock, make(chan struct{}), make(chan struct{}, 1)
	go s.listen(sock, s.echo, s.ended) // ends with the socket
	return nil
}

// hangUp closes the socket and returns when nobody reads it any more.
func (s *soaker) hangUp() {
	s.socket.close()
	<-s.ended
}

// lost says why the socket ended.
func (s *soaker) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Errorf("the socket ended: %w", s.why)
}

func (s *soaker) listen(sock *socket, echo, ended chan<- struct{}) {
	defer close(ended)
	for {
		frame, err := sock.read()
		if err == nil {
			err = s.hearAll(frame, echo)
		}
		if err != nil {
			s.mu.Lock()
			s.why = err
			s.mu.Unlock()
			return
		}
	}
}

// hearAll takes what is in one frame.
func (s *soaker) hearAll(frame []byte, echo chan<- struct{}) error {
	for event := range eventsIn(frame) {
		if err := s.hear(event, echo); err != nil {
			return err
		}
	}
	return nil
}

// hear takes one event.
func (s *soaker) hear(text []byte, echo chan<- struct{}) error {
	s.counts.events.Add(1)
	var event struct {
		EventName string
		Data      struct {
			MessageID, LocalID string
			Created            int64
		}
	}
	if err := json.Unmarshal(text, &event); err != nil {
		return fmt.Errorf("%w: %.300s", err, text)
	}
	if event.EventName != "chat/sendMessage" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if event.Data.LocalID == s.waits {
		s.waits = ""
		echo <- struct{}{} // there is room: one is sent at a time
		return nil
	}
	s.unread, s.created = append(s.unread, event.Data.MessageID), event.Data.Created
	return nil
}
