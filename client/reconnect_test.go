package client_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestReconnect has connections cut and the server restarted while people write, edit and delete. Everybody
// is shown every message once, and ends with what it says at last.
func TestReconnect(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	r := startRelay(t, s.URL)
	room := group(t, backendOf(t, s), "room")
	var people []*client.Stream
	var devices []*client.Device
	for i := range 3 {
		xc := fmt.Sprint("user", i)
		devices = append(devices, signInOver(t, s, r.url, xc, "device of "+xc))
		if _, err := backendOf(t, s).AddParticipants(t.Context(), "room", xc); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range devices {
		people = append(people, connect(t, d, client.StreamOptions{Queue: 64, EchoTimeout: time.Minute}))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()

	// What each reader is shown, by LocalID.
	const each = 60
	readers := make([]*reader, len(people))
	for i := range readers {
		readers[i] = &reader{t: t, times: map[string]int{}, now: map[string]string{}, changed: make(chan struct{}, 1)}
	}
	var reading sync.WaitGroup
	for i, stream := range people {
		reading.Go(func() { readers[i].read(ctx, stream) }) // ends with the stream
	}
	defer reading.Wait()
	defer func() {
		for _, stream := range people {
			stream.Close()
		}
	}()

	var mu sync.Mutex
	want := map[string]string{}
	var writing sync.WaitGroup
	for i, stream := range people {
		writing.Go(func() {
			for k := range each {
				text := fmt.Sprint(i, "/", k)
				m, err := stream.Send(ctx, client.Draft{RoomID: room, Text: text})
				switch {
				case err != nil:
				case k%5 == 1:
					text += " edited"
					_, err = stream.Edit(ctx, client.Draft{LocalID: m.LocalID, Text: text})
				case k%5 == 2:
					text = "deleted"
					// A call that was under way when a connection was cut has no answer; a deletion can be repeated.
					for ctx.Err() == nil {
						if _, err = devices[i].DeleteMessages(ctx, room, m.ID); err == nil || errors.As(err, new(*client.Error)) {
							break
						}
					}
				}
				if err != nil {
					t.Errorf("message %s: %v", text, err)
					return
				}
				mu.Lock()
				want[m.LocalID] = text
				n := len(want)
				mu.Unlock()
				if n%40 == 0 {
					r.cut()
				}
				if n == 50 || n == 110 {
					s.Stop(t)
					s.StartAgain(t)
				}
			}
		})
	}
	writing.Wait()
	for i, reader := range readers {
		reader.await(ctx, i, want)
	}
}

// reader keeps what one stream shows.
type reader struct {
	t       *testing.T
	changed chan struct{}

	mu     sync.Mutex
	times  map[string]int    // how often a message was shown as new
	now    map[string]string // what it says
	resets int
}

func (r *reader) read(ctx context.Context, s *client.Stream) {
	for event, err := range s.Events(ctx) {
		if err != nil {
			return
		}
		r.mu.Lock()
		switch e := event.(type) {
		case client.MessageSent:
			r.times[e.Message.LocalID]++
			r.keep(e.Message)
		case client.MessageChanged:
			r.keep(e.Message)
		case client.Connected:
			r.resets++
		case client.Unknown:
			r.t.Errorf("an event of no known kind: %+v", e)
		}
		r.mu.Unlock()
		select {
		case r.changed <- struct{}{}:
		default:
		}
	}
}

func (r *reader) keep(m client.Message) {
	text, err := m.Text()
	if err != nil {
		r.t.Errorf("message %s: %v", m.LocalID, err)
	}
	if m.Deleted {
		text = "deleted"
	}
	r.now[m.LocalID] = text
}

// await waits until the reader was shown what is wanted, each message once.
func (r *reader) await(ctx context.Context, i int, want map[string]string) {
	for {
		r.mu.Lock()
		missing := ""
		for localID, text := range want {
			switch {
			case r.times[localID] > 1:
				r.t.Errorf("reader %d was shown %q %d times", i, text, r.times[localID])
			case r.times[localID] == 0 || r.now[localID] != text:
				missing = fmt.Sprintf("%q says %q, shown %d times", text, r.now[localID], r.times[localID])
			}
		}
		resets := r.resets
		r.mu.Unlock()
		if missing == "" {
			r.t.Logf("reader %d has connected %d times", i, resets)
			return
		}
		select {
		case <-r.changed:
		case <-ctx.Done():
			r.t.Errorf("reader %d: %s", i, missing)
			return
		}
	}
}
