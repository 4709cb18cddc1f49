package faults

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/client"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/process"
)

// TestStreamsSurviveKills ends the only node at random moments while a backend sends and streams of the Go client
// receive. A stream shows each message of the rooms once and in their order, the acknowledged ones among them.
func TestStreamsSurviveKills(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		t.Parallel()
		rng := newRand(t)
		port, err := process.FreePort(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) // streams come back to the one they know
		p := start(t, o, "--listen", address)
		s := newSenders(t, p.url)
		viewers := []*viewer{
			s.view(t, p.url, "ann", client.StreamOptions{}),
			s.view(t, p.url, "bob", client.StreamOptions{Queue: 8}), // so small that it lets go of what comes
		}
		s.begin(t)
		const kills = 6
		for i := range kills {
			for _, v := range viewers {
				v.awaitOpen(t, true)
			}
			s.grant()
			s.waitFor(t, 20+rng.Int64N(grantSize-50))
			p.Kill()
			for _, v := range viewers {
				v.awaitOpen(t, false) // otherwise the next round could take the old connection for a new one
			}
			p = start(t, o, "--listen", address)
			if i%2 == 0 { // once more, while the streams come back
				s.grant()
				time.Sleep(time.Duration(rng.Int64N(int64(time.Second))))
				p.Kill()
				p = start(t, o, "--listen", address)
			}
		}
		s.grant()
		s.waitFor(t, 50)
		s.rest()
		stored := s.read(t, p.url)
		for _, v := range viewers {
			v.verify(t, s, stored)
			if n := v.connections(); n < kills {
				t.Errorf("%s has connected %d times while the server was killed %d times", v.xc, n, kills)
			}
		}
		t.Logf("%d messages, of which %d were stored before they were acknowledged", s.acked.Load(), s.repeated.Load())
		storetest.Audit(t, o)
	})
}

// grantSize bounds what is sent before a stream that was away is back. All of it together goes into one answer,
// which has at most 1,000 messages: a server that is killed within two seconds of each answer never notes that one
// has arrived. What does not go into the answer follows, and may come behind what is sent meanwhile.
const grantSize = 90

// roomXCs are the rooms that senders write to. Several write to the first one.
var roomXCs = []string{"busy", "busy", "busy", "quiet"}

// senders are goroutines of a backend. Each sends one message after the other, until it is acknowledged.
type senders struct {
	backend  *client.Backend
	acked    atomic.Int64
	repeated atomic.Int64 // of them, those that an earlier attempt had stored
	rooms    map[string]client.RoomID
	sent     [][]string // of each goroutine, the localIDs that were acknowledged, in order

	may  chan struct{} // holds one for each message that may be sent
	stop chan struct{} // closed: nothing new is sent
	busy sync.WaitGroup
}

func newSenders(t *testing.T, url string) *senders {
	t.Helper()
	b, err := client.NewBackend(client.Config{URL: url, Key: serverKey})
	if err != nil {
		t.Fatal(err)
	}
	s := &senders{
		backend: b, rooms: map[string]client.RoomID{}, sent: make([][]string, len(roomXCs)),
		may: make(chan struct{}, grantSize), stop: make(chan struct{}),
	}
	people := []string{"ann", "bob", "reader", "bot"}
	for _, xc := range people {
		if _, err := b.PutUser(t.Context(), client.Profile{XCID: xc, Fullname: xc}); err != nil {
			t.Fatal(err)
		}
	}
	for _, xc := range roomXCs {
		d, err := b.PutRoom(t.Context(), client.RoomSettings{XCID: xc, Type: client.Group, Name: xc})
		if err == nil {
			_, err = b.AddParticipants(t.Context(), xc, people...)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.rooms[xc] = d.Room.ID
	}
	return s
}

func (s *senders) begin(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), crowdTime)
	for i, xc := range roomXCs {
		s.busy.Go(func() { // ends with stop, or when its time is over
			for n := 0; s.maySend(ctx); n++ {
				s.send(ctx, t, i, client.BackendMessage{
					LocalID: client.NewLocalID(), SenderXCID: "bot", XCRoomID: xc, Text: fmt.Sprint("number ", n),
				})
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		s.busy.Wait()
	})
}

// grant lets the senders go on, for grantSize messages at most.
func (s *senders) grant() {
	for {
		select {
		case s.may <- struct{}{}:
		default:
			return
		}
	}
}

// maySend waits for a grant, and reports whether to go on.
func (s *senders) maySend(ctx context.Context) bool {
	select {
	case <-s.may:
		return true
	case <-s.stop:
	case <-ctx.Done():
	}
	return false
}

// send sends a message until it is acknowledged.
func (s *senders) send(ctx context.Context, t *testing.T, i int, m client.BackendMessage) {
	t.Helper()
	for ctx.Err() == nil {
		sent, err := s.backend.Send(ctx, m)
		if err == nil {
			s.sent[i] = append(s.sent[i], m.LocalID)
			s.acked.Add(1)
			if sent.Repeated {
				s.repeated.Add(1)
			}
			if sent.LocalID != m.LocalID || sent.ContentDiffers {
				t.Errorf("message %s was acknowledged as %+v", m.LocalID, sent)
			}
			return
		}
		if refusal(err) != nil && !isUnavailable(err) {
			t.Errorf("message %s: %v", m.LocalID, err)
			return
		}
	}
}

// waitFor waits until so many more messages were acknowledged.
func (s *senders) waitFor(t *testing.T, more int64) {
	t.Helper()
	want := s.acked.Load() + more
	eventually(t, fmt.Sprintf("%d more messages are acknowledged", more), func() bool { return s.acked.Load() >= want })
}

// rest returns when the last message is acknowledged.
func (s *senders) rest() {
	close(s.stop)
	s.busy.Wait()
}

// signIn signs a device in.
func (s *senders) signIn(t *testing.T, url, xc string) *client.Device {
	t.Helper()
	app, err := client.NewApp(client.Config{URL: url, Key: appKey})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := s.backend.RequestTicket(t.Context(), client.Profile{XCID: xc, Fullname: xc})
	if err != nil {
		t.Fatal(err)
	}
	d, err := app.SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: "device of " + xc, Platform: "web"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// read returns the localIDs of what the rooms hold, in their order, as another device asks for them.
func (s *senders) read(t *testing.T, url string) map[client.RoomID][]string {
	t.Helper()
	stored := map[client.RoomID][]string{}
	s.eachStored(t, url, func(m client.Message) {
		stored[m.Room.ID] = append([]string{m.LocalID}, stored[m.Room.ID]...)
	})
	return stored
}

// eachStored calls do for each message of the rooms, the newest of a room first.
func (s *senders) eachStored(t *testing.T, url string, do func(client.Message)) {
	t.Helper()
	d := s.signIn(t, url, "reader")
	for _, room := range s.rooms {
		var before client.Time
		for more := true; more; {
			var page []client.Message
			var err error
			if page, more, err = d.MessagesBefore(t.Context(), room, before, 100); err != nil {
				t.Fatal(err)
			}
			for _, m := range page {
				before = m.Created
				if m.Type != client.SystemMessage {
					do(m)
				}
			}
		}
	}
}
