package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/client"
)

// viewer is a user with an open stream, and what it has shown.
type viewer struct {
	xc      string
	stream  *client.Stream
	reading sync.WaitGroup

	mu        sync.Mutex
	shown     map[client.RoomID][]string // localIDs of new messages, in order
	changed   map[string]bool            // those that came as changed
	isOpen    bool
	connected int // how often
	strange   []string
	log       []string // of connections, printed on a failure
}

// logf must be called with the lock held.
func (v *viewer) logf(format string, args ...any) {
	v.log = append(v.log, time.Now().Format("05.000 ")+fmt.Sprintf(format, args...))
}

// view opens a stream, which lasts as long as the test.
func (s *senders) view(t *testing.T, url, xc string, o client.StreamOptions) *viewer {
	t.Helper()
	stream, err := s.signIn(t, url, xc).Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	v := &viewer{xc: xc, stream: stream, shown: map[client.RoomID][]string{}, changed: map[string]bool{}}
	v.reading.Go(func() { v.read(t) }) // ends with the stream
	t.Cleanup(func() {
		stream.Close()
		v.reading.Wait()
		if t.Failed() {
			t.Logf("the log of %s:\n%s", xc, strings.Join(v.log, "\n"))
		}
	})
	return v
}

func (v *viewer) read(t *testing.T) {
	for event, err := range v.stream.Events(t.Context()) {
		if err != nil {
			return // it is closed, or verify says what is missing
		}
		v.mu.Lock()
		switch e := event.(type) {
		case client.MessageSent:
			if e.Message.Type != client.SystemMessage {
				v.shown[e.Message.Room.ID] = append(v.shown[e.Message.Room.ID], e.Message.LocalID)
			}
		case client.MessageChanged:
			v.changed[e.Message.LocalID] = true
		case client.Connected:
			v.isOpen = true
			v.connected++
			v.logf("connected")
		case client.Disconnected:
			v.isOpen = false
			v.logf("disconnected: %v", e.Err)
		case client.Unknown:
			v.strange = append(v.strange, fmt.Sprintf("an event that the client cannot read: %+v", e))
		}
		v.mu.Unlock()
	}
}

// connections is how often the stream has connected so far.
func (v *viewer) connections() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.connected
}

// verify waits until the stream has shown as many messages as the rooms hold, and compares them and their order.
func (v *viewer) verify(t *testing.T, s *senders, stored map[client.RoomID][]string) {
	t.Helper()
	v.verifyOnce(t, stored)
	v.mu.Lock()
	defer v.mu.Unlock()
	for room, want := range stored {
		if got := v.shown[room]; !t.Failed() && !slices.Equal(got, want) {
			t.Errorf("%s is shown room %s in another order than it has:\n%v\nwant\n%v", v.xc, room, got, want)
		}
	}
	for i, sent := range s.sent {
		last := -1
		shown := v.shown[s.rooms[roomXCs[i]]]
		for _, id := range sent {
			at := slices.Index(shown, id)
			if at <= last {
				t.Errorf("%s: message %s was acknowledged, and is shown at %d, the one before it at %d", v.xc, id, at, last)
			}
			last = at
		}
	}
}

// verifyOnce waits until the stream has shown as many messages as the rooms hold, each of which it must have shown
// once.
func (v *viewer) verifyOnce(t *testing.T, stored map[client.RoomID][]string) {
	t.Helper()
	deadline := time.Now().Add(settling)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for ; !v.hasAsMany(stored) && time.Now().Before(deadline); <-poll.C {
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, line := range v.strange {
		t.Errorf("%s: %s", v.xc, line)
	}
	for room, want := range stored {
		times := map[string]int{}
		for _, id := range v.shown[room] {
			times[id]++
		}
		for _, id := range want {
			if n := times[id]; n != 1 {
				t.Errorf("%s is shown message %s of %s %d times (as changed: %t)", v.xc, id, room, n, v.changed[id])
			}
		}
		if got := len(v.shown[room]); got != len(want) {
			t.Errorf("%s is shown %d messages of room %s, which has %d", v.xc, got, room, len(want))
		}
	}
	t.Logf("%s has connected %d times", v.xc, v.connected)
}

// awaitOpen waits until the stream is connected and has caught up, or until it has noticed that it is not.
func (v *viewer) awaitOpen(t *testing.T, want bool) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s is connected: %t", v.xc, want), func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.isOpen == want
	})
}

func (v *viewer) hasAsMany(stored map[client.RoomID][]string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	for room, list := range stored {
		if len(v.shown[room]) < len(list) {
			return false
		}
	}
	return true
}
